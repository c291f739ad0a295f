// Turns an admitted call into a request to fal: its URL, its key, and the job ids that its caller gets.

import { toWaitMs } from '../../bounds.ts'
import type { Call } from '../call/allow.ts'
import type { CallRecord } from '../call/call-record.ts'
import type { Guard, Report } from '../call/guard.ts'
import { refuse } from '../call/refuse.ts'
import { readEnvironment } from './credentials.ts'
import { forward } from './forward.ts'
import type { UpstreamRequest } from './forward.ts'
import { createJobIds, plainJobIds } from './job-ids.ts'
import type { JobIds } from './job-ids.ts'
import { createReplacements } from './replacements.ts'
import type { Replacement, Replacements } from './replacements.ts'
import { readSubmission } from './submission.ts'
import type { ConnectionLimits } from './upstream-connection.ts'

/** The options of the proxy that concern the way to fal. */
export interface SenderOptions {
  /** When given, callers are told apart, and each may follow only its own jobs. */
  readonly authorize?: unknown
  readonly jobIdSecret?: string | readonly string[] | undefined
  readonly baseUrl?: string
  readonly webhookUrl?: string
  readonly idleTimeoutMs?: number
  readonly maxStreamMs?: number
  readonly fetch?: typeof fetch
  readonly onSubmitted?: (job: SubmittedJob) => void | Promise<void>
  readonly waitUntil?: (work: Promise<unknown>) => void
}

/** A job that fal accepted. */
export interface SubmittedJob {
  readonly endpoint: string
  /** fal's own id, as in webhooks. The caller's id may have a signature behind it. */
  readonly requestId: string
  readonly userId: string | undefined
  readonly request: Request
}

/** A call that passed every check. */
export interface AdmittedCall {
  readonly record: CallRecord
  readonly call: Call
  /** Only those that may be sent to fal. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
  readonly guard: Guard
  readonly report: Report
  /** Headers that are added to fal's. */
  readonly answerHeaders: Readonly<Record<string, string>>
  /** Called with an answer that has these headers already. */
  readonly onComplete: (response: Response) => void
}

/** Sends an admitted call to fal with a key. */
export type Sender = (admitted: AdmittedCall, key: string) => Promise<Response>

/**
 * Creates the sender.
 *
 * @throws TypeError for a baseUrl, webhookUrl or jobIdSecret that cannot be used; RangeError for a wait that is NaN,
 * infinite or negative.
 */
export function createSender(options: SenderOptions): Sender {
  const baseUrl = parseUrl('baseUrl', options.baseUrl ?? readEnvironment('FAL_BASE_URL'))
  const webhookUrl = parseUrl('webhookUrl', options.webhookUrl)
  const limits: ConnectionLimits = {
    idleTimeoutMs: toWaitMs('idleTimeoutMs', options.idleTimeoutMs, 300_000),
    maxStreamMs: toWaitMs('maxStreamMs', options.maxStreamMs, 3_600_000),
  }
  const secrets = toSecrets(options.jobIdSecret)
  // The key seals where there is no other secret. Ids that it sealed before there was one still open.
  const jobIdsOf = rememberLast((key: string) => createJobIds([...secrets, key]))
  const withoutKey = rememberLast(secretsOf)

  return async (admitted, key) => {
    const { call, record } = admitted
    const { request, userId } = record
    const ids = options.authorize ? (await jobIdsOf(key))(userId) : plainJobIds
    const forwardTo: Forward = async (
      path,
      { replacements = [], isSubmit = false, nameJob } = {},
    ) => {
      const response = await forward({
        url: `${baseUrl ?? 'https:/'}/${call.host}${path}`,
        method: call.method,
        headers: { ...admitted.headers, ...jsonType(admitted.body), authorization: `Key ${key}` },
        body: admitted.body,
        // Made here, not once for all: Cloudflare Workers allow an AbortController only during a request.
        signal: isSubmit ? new AbortController().signal : request.signal,
        isCollected: !isSubmit,
        fetch: options.fetch ?? fetch,
        limits,
        replacements: withoutKey(key).and(replacements),
        nameJob: nameJob ?? ((requestId) => requestId),
        moreHeaders: isSubmit ? {} : admitted.answerHeaders,
        onFailure: (error) => admitted.report(error, 'fal'),
        onOpen: (connection) => void (record.connection = connection),
        // A submit is not over when fal has answered: the job must be noted and its id sealed.
        onRead: isSubmit ? () => {} : record.read,
        onClose: isSubmit ? () => {} : record.ended,
      })
      if (!isSubmit) admitted.onComplete(response)
      return response
    }

    if (request.signal.aborted) {
      record.ended('stopped')
      return refuse(499, 'the caller left; the call was not sent')
    }
    if (call.kind === 'follow') return follow(call, ids, forwardTo, record)
    if (call.kind === 'upload') return forwardTo(call.path, { replacements: mappedFiles(baseUrl) })
    if (call.host === 'fal.run') {
      const nameJob = (requestId: string): string | Promise<string> => {
        record.requestId = requestId
        return ids.seal(call.app, requestId)
      }
      return forwardTo(call.path, { nameJob })
    }
    // From here on the call may cost money: the answer is read and the job noted even when the caller leaves.
    const work = submit(forwardTo(withWebhook(call.path, webhookUrl), { isSubmit: true }), {
      call,
      ids,
      record,
      note: (requestId) =>
        admitted.guard('onSubmitted', () =>
          options.onSubmitted?.({ endpoint: call.endpoint, requestId, userId, request }),
        ),
    })
    await admitted.guard('waitUntil', () => options.waitUntil?.(work))
    return work
  }
}

type Forward = (
  path: string,
  how?: {
    readonly replacements?: readonly Replacement[]
    readonly isSubmit?: boolean
    readonly nameJob?: UpstreamRequest['nameJob']
  },
) => Promise<Response>

async function follow(
  { app, requestId: given, action, search }: Extract<Call, { kind: 'follow' }>,
  ids: JobIds,
  forwardTo: Forward,
  record: CallRecord,
): Promise<Response> {
  const requestId = await ids.open(app, given)
  if (requestId === undefined) return refuse(403, 'this job was not submitted by this caller')
  record.requestId = requestId
  const path = `/${app}/requests/${requestId}${action}${search}`
  return forwardTo(path, {
    // A result is what the model wrote, and passes unchanged; only its header names the job.
    replacements: action === '' ? [] : [[requestId, given]],
    // The caller keeps the id that it has, also one that was sealed under an earlier secret.
    nameJob: (id) => (id === requestId || id === given ? given : ids.seal(app, id)),
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

interface Submit {
  readonly call: Extract<Call, { kind: 'generate' }>
  readonly ids: JobIds
  readonly record: CallRecord
  readonly note: (requestId: string) => Promise<unknown>
}

async function submit(
  answering: Promise<Response>,
  { call, ids, record, note }: Submit,
): Promise<Response> {
  const { requestId, response, withRequestId } = await readSubmission(await answering, record.read)
  record.requestId = requestId
  if (requestId === undefined) {
    record.ended('done')
    return sealHeader(response, call.app, ids)
  }
  // `onSubmitted` is called before the caller gets the id. When it fails, the caller still gets the paid job.
  await note(requestId)
  const answer = withRequestId(await ids.seal(call.app, requestId))
  record.ended('done')
  return answer
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

// The secret half of a key is replaced alone too. Shorter texts are not replaced: they could be ordinary words of an answer.
function secretsOf(key: string): Replacements {
  const half = key.slice(key.indexOf(':') + 1)
  const secrets = [key.length >= 8 ? key : undefined, half.length >= 16 ? half : undefined]
  return createReplacements(
    secrets.flatMap((secret) => (secret === undefined ? [] : [[secret, '[redacted]'] as const])),
  )
}

// fal's file hosts are reached through the base URL too, but a browser would ask fal itself.
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
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))
  if (url && isSafe && !url.username && !url.password) {
    return name === 'baseUrl' ? value.replace(/\/+$/, '') : value
  }
  // The message does not repeat the value, which may hold a password.
  throw new TypeError(
    `${name} must be an https URL, or http to this machine, without a user or password in it`,
  )
}

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function rememberLast<Value>(make: (key: string) => Value): (key: string) => Value {
  let last: { readonly key: string; readonly value: Value } | undefined
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) }
    return last.value
  }
}
