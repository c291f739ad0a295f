// From an admitted call to fal's answer: where it goes, with which key, under whose job id.

import type { Call } from './allow.ts'
import { readEnvironment } from './credentials.ts'
import { forward } from './forward.ts'
import type { Guard, Report } from './guard.ts'
import { createJobIds, plainJobIds } from './job-ids.ts'
import type { JobIds } from './job-ids.ts'
import { refuse } from './refuse.ts'
import { createReplacements } from './replacements.ts'
import type { Replacement, Replacements } from './replacements.ts'
import { readSubmission } from './submission.ts'

/** The part of the proxy's options that decides where calls go and what happens around them. */
export interface SenderOptions {
  /** Given, callers are told apart, and so are their jobs. */
  readonly authorize?: unknown
  readonly jobIdSecret?: string | readonly string[]
  readonly baseUrl?: string
  readonly webhookUrl?: string
  readonly idleTimeoutMs?: number
  readonly fetch?: typeof fetch
  readonly onSubmitted?: (job: SubmittedJob) => void | Promise<void>
  readonly waitUntil?: (work: Promise<unknown>) => void
}

/** A job that fal accepted. */
export interface SubmittedJob {
  readonly endpoint: string
  /** fal's own id, as it comes in webhooks; the caller's may have a signature behind it. */
  readonly requestId: string
  readonly userId: string | undefined
  readonly request: Request
}

/** A call that passed every check. */
export interface AdmittedCall {
  readonly request: Request
  readonly call: Call
  readonly userId: string | undefined
  /** Already reduced to what fal may see. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

/** Sends admitted calls to fal with a key. */
export type Sender = (admitted: AdmittedCall, key: string) => Promise<Response>

/**
 * Creates the sender.
 *
 * @throws TypeError for a baseUrl or webhookUrl that is none.
 */
export function createSender(options: SenderOptions, guard: Guard, report: Report): Sender {
  const baseUrl = parseUrl('baseUrl', options.baseUrl ?? readEnvironment('FAL_BASE_URL'))
  const webhookUrl = parseUrl('webhookUrl', options.webhookUrl)
  const secrets = toSecrets(options.jobIdSecret)
  // The key seals where there is no other secret, and what it sealed before there was one still opens.
  const jobIdsOf = rememberLast((key: string) => createJobIds([...secrets, key]))
  const withoutKey = rememberLast(secretsOf)

  return async (admitted, key) => {
    const { call, request, userId } = admitted
    const ids = options.authorize ? (await jobIdsOf(key))(userId) : plainJobIds
    const ask: Ask = (path, { replacements = [], isSubmit = false } = {}) =>
      forward({
        url: `${baseUrl ?? 'https:/'}/${call.host}${path}`,
        method: call.method,
        headers: { ...admitted.headers, ...jsonType(admitted.body), authorization: `Key ${key}` },
        body: admitted.body,
        signal: isSubmit ? neverAborted : request.signal,
        isCollected: !isSubmit,
        fetch: options.fetch ?? fetch,
        idleTimeoutMs: options.idleTimeoutMs ?? 300_000,
        replacements: withoutKey(key).and(replacements),
        onFailure: (error) => report(error, 'fal'),
      })

    if (request.signal.aborted) return refuse(499, 'the caller left; the call was not sent')
    if (call.kind === 'follow') return follow(call, ids, ask)
    if (call.kind === 'upload') return ask(call.path, { replacements: mappedFiles(baseUrl) })
    if (call.host === 'fal.run') return sealHeader(await ask(call.path), call.app, ids)
    const submitted = (requestId: string): Promise<unknown> =>
      guard('onSubmitted', () =>
        options.onSubmitted?.({ endpoint: call.endpoint, requestId, userId, request }),
      )
    // From here on it may cost money: it is read to its end and noted, whoever has left.
    const sent = ask(withWebhook(call.path, webhookUrl), { isSubmit: true })
    const work = sent.then((response) => submit(response, call.app, ids, submitted))
    await guard('onSubmitted', () => options.waitUntil?.(work.then(() => {})))
    return work
  }
}

const neverAborted = new AbortController().signal

type Ask = (
  path: string,
  how?: { readonly replacements?: readonly Replacement[]; readonly isSubmit?: boolean },
) => Promise<Response>

async function follow(
  { app, requestId: given, action, search }: Extract<Call, { kind: 'follow' }>,
  ids: JobIds,
  ask: Ask,
): Promise<Response> {
  const requestId = await ids.open(app, given)
  if (requestId === undefined) return refuse(403, 'this job was not submitted by this caller')
  const path = `/${app}/requests/${requestId}${action}${search}`
  // A result is the model's own words and passes untouched; only its header names the job.
  const response = await ask(path, action === '' ? {} : { replacements: [[requestId, given]] })
  return sealHeader(response, app, {
    // An id sealed under an earlier secret stays the one the caller knows.
    seal: async (_app, id) => (id === requestId ? given : ids.seal(app, id)),
  })
}

async function sealHeader(
  response: Response,
  app: string,
  ids: Pick<JobIds, 'seal'>,
): Promise<Response> {
  const id = response.headers.get('x-fal-request-id')
  if (id) response.headers.set('x-fal-request-id', await ids.seal(app, id))
  return response
}

async function submit(
  response: Response,
  app: string,
  ids: JobIds,
  submitted: (requestId: string) => Promise<unknown>,
): Promise<Response> {
  const submission = await readSubmission(response)
  if (submission.requestId === undefined) return sealHeader(submission.response, app, ids)
  // The host's store knows the job before the caller does; its failure does not lose a paid job.
  await submitted(submission.requestId)
  return submission.under(await ids.seal(app, submission.requestId))
}

function toSecrets(given: string | readonly string[] | undefined): readonly string[] {
  const secrets = typeof given === 'string' ? [given] : (given ?? [])
  if (!secrets.every((secret) => typeof secret === 'string' && secret.length >= 16)) {
    throw new TypeError('jobIdSecret must be a text of at least 16 characters, or a list of such')
  }
  return secrets
}

function jsonType(body: unknown): Record<string, string> {
  return body === undefined ? {} : { 'content-type': 'application/json' }
}

// Half a key is a secret too. Shorter texts than these could be innocent words of an answer.
function secretsOf(key: string): Replacements {
  const half = key.slice(key.indexOf(':') + 1)
  const secrets = [key.length >= 8 ? key : undefined, half.length >= 16 ? half : undefined]
  return createReplacements(
    secrets.flatMap((secret) => (secret === undefined ? [] : [[secret, '[redacted]'] as const])),
  )
}

// fal's file hosts are behind the base URL too, and a browser does not map them by itself.
function mappedFiles(baseUrl: string | undefined): readonly Replacement[] {
  if (baseUrl === undefined) return []
  return ['v3.fal.media', 'v3b.fal.media'].map((host) => [
    `https://${host}/`,
    `${baseUrl}/${host}/`,
  ])
}

function withWebhook(path: string, webhookUrl: string | undefined): string {
  if (webhookUrl === undefined) return path
  return `${path}${path.includes('?') ? '&' : '?'}fal_webhook=${encodeURIComponent(webhookUrl)}`
}

function parseUrl(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password
  if (isPlain) return name === 'baseUrl' ? value.replace(/\/+$/, '') : value
  // The value is not repeated: what made it wrong may be a password in it.
  throw new TypeError(`${name} must be an http(s) URL without a user or password in it`)
}

function rememberLast<Value>(make: (key: string) => Value): (key: string) => Value {
  let last: { readonly key: string; readonly value: Value } | undefined
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) }
    return last.value
  }
}
