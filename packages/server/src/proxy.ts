// The route between a browser and fal, wire-compatible with fal's own proxy protocol (fal docs, "Proxy":
// header x-fal-target-url, default route /api/fal/proxy). The order of a call: may this target pass at all,
// who is calling, how often, what is in the body, whose job is it, and only then the key and fal.
// Left out on purpose: logging (there is none), CORS, retries, and anything fal's clients do not send.

import { endpoints as registry } from '@fal-llm/core/endpoints'
import type { Endpoint, EndpointId } from '@fal-llm/core/endpoints'
import { createAllowList } from './allow.ts'
import type { Call } from './allow.ts'
import { readKey } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import type { FetchHandler } from './fetch-handler.ts'
import { createGuard, createReport, HookMisuse } from './guard.ts'
import type { Guard, ProxyStage } from './guard.ts'
import { toFalHeaders } from './header-lists.ts'
import { identify } from './identify.ts'
import type { Authorize, Caller } from './identify.ts'
import { refuse } from './refuse.ts'
import { createSender } from './send.ts'
import { takeInput } from './take-input.ts'
import { isResponse } from './to-refusal.ts'

type LimitVerdict = boolean | { retryAfterMs: number } | Response

/** What a proxy serves, to whom, and within which bounds. */
export interface FalProxyOptions {
  /** "key_id:secret" or a function returning it, asked per request. Default: FAL_KEY, else FAL_KEY_ID and FAL_KEY_SECRET; trimmed. */
  credentials?: Credentials
  /**
   * Who may call. Without it every call is a 401, unless `allowAnonymous` is true.
   * With a `userId`, the caller may follow, read and cancel only jobs it submitted.
   */
  authorize?: Authorize
  /**
   * What job ids are sealed under when `authorize` is given: at least 16 characters, kept apart from the fal key, the same on
   * every machine. Of a list the first seals and all open: put a new one in front, take the old one away when its jobs
   * are over. Default: the fal key, so that a new key orphans the jobs of the old one.
   */
  jobIdSecret?: string | readonly string[]
  /** Anyone may call and spend on this account. Default false. */
  allowAnonymous?: boolean
  /** The endpoints that may be called, id by id. Default: the language model endpoints of @fal-llm/core. */
  endpoints?: readonly (EndpointId | Endpoint | (string & {}))[]
  /**
   * A look at each run, stream and submit before it is paid for.
   * Change `input` in place to narrow it (cap `max_tokens`, pin `model`); return a Response to refuse.
   */
  onRequest?: (call: {
    endpoint: string
    input: Record<string, unknown>
    userId: string | undefined
    request: Request
  }) => void | Response | Promise<void | Response>
  /** After fal accepted a queued job, before the caller hears of it and even when it has left. `requestId` is fal's own, as in webhooks. */
  onSubmitted?: (job: {
    endpoint: string
    requestId: string
    userId: string | undefined
    request: Request
  }) => void | Promise<void>
  /**
   * Told of work that must go on when the caller has left: a job being submitted. For runtimes that end with the caller:
   * `waitUntil` of "cloudflare:workers" or of "@vercel/functions". Default: nobody.
   */
  waitUntil?: (work: Promise<unknown>) => void
  /**
   * Asked before each POST with the `userId`, or 'anonymous' for all others together.
   * `false` or `{ retryAfterMs }` refuses with 429. Following a job is not counted.
   */
  limit?: (key: string) => LimitVerdict | Promise<LimitVerdict>
  /** Largest request body, bytes. Default 1 MiB; uploads go straight to storage, not through here. */
  maxBodyBytes?: number
  /** Longest wait for a request body, milliseconds. Default 30000; 0 waits for ever. */
  bodyTimeoutMs?: number
  /** Longest silence of fal, milliseconds. Default 300000; 0 waits for ever. */
  idleTimeoutMs?: number
  /** Starting uploads, single and multipart. Default true. */
  allowUploads?: boolean
  /** Where fal reports finished queue jobs. Added to every submit; a caller cannot choose one. */
  webhookUrl?: string
  /** The emulator, in development: each host of fal is a first path segment. Default: FAL_BASE_URL, else fal itself. */
  baseUrl?: string
  fetch?: typeof fetch
  /** Hears what failed on the server's side; the caller is told nothing of it. Default: nobody. */
  onError?: (error: unknown, stage: ProxyStage) => void
}

/**
 * Creates the proxy route that holds the fal key.
 * The handler never rejects: every failure is an answer with JSON `{ "detail": … }`.
 *
 * @throws TypeError for an endpoint, baseUrl, webhookUrl or jobIdSecret that is none.
 */
export function createFalProxy(options: FalProxyOptions = {}): FetchHandler {
  const { authorize, allowAnonymous = false, allowUploads = true } = options
  const allow = createAllowList(options.endpoints ?? Object.keys(registry), registry, allowUploads)
  const report = createReport(options.onError)
  const guard = createGuard(report)
  const send = createSender(options, guard, report)

  const serve = async (request: Request): Promise<Response> => {
    const call = allow(request.method, request.headers.get('x-fal-target-url'))
    if (call.kind === 'refused') {
      return refuse(call.status, call.detail, call.allow ? { allow: call.allow } : {})
    }
    const sent = toFalHeaders(request.headers)
    if (!sent.ok) return refuse(400, `the header ${sent.name} is too long or holds odd characters`)
    const caller = await identify(request, authorize, allowAnonymous, guard)
    if (caller instanceof Response) return caller
    const body =
      call.method === 'POST' ? await admit(request, call, caller, options, guard) : undefined
    if (body instanceof Response) return body
    const key = await guard('credentials', () => readKey(options.credentials))
    if (key instanceof Response) return key
    if (!key.ok) return refuse(500, key.detail)
    return send({ request, call, userId: caller.userId, headers: sent.headers, body }, key.key)
  }
  return (request) => guard('proxy', () => serve(request))
}

// What costs money is counted, read and looked at before it goes on.
async function admit(
  request: Request,
  call: Call,
  { userId }: Caller,
  options: FalProxyOptions,
  guard: Guard,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const { limit, onRequest, maxBodyBytes = 1_048_576, bodyTimeoutMs = 30_000 } = options
  const verdict = limit
    ? await guard('limit', async () => toVerdict(await limit(userId ?? 'anonymous')))
    : true
  if (verdict instanceof Response) return verdict
  if (verdict !== true) return tooMany(verdict ? verdict.retryAfterMs : undefined)
  const onInput =
    onRequest && call.kind === 'generate'
      ? (input: Record<string, unknown>) =>
          onRequest({ endpoint: call.endpoint, input, userId, request })
      : undefined
  return takeInput(request, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs }, onInput, guard)
}

function toVerdict(given: LimitVerdict): LimitVerdict {
  if (typeof given === 'boolean' || isResponse(given)) return given
  if (Number.isFinite(Object(given).retryAfterMs)) return given
  throw new HookMisuse('limit', 'true, false, { retryAfterMs } or a Response', given)
}

function tooMany(retryAfterMs: number | undefined): Response {
  const seconds = retryAfterMs === undefined ? 0 : Math.ceil(retryAfterMs / 1_000)
  const wait = seconds > 0 ? { 'retry-after': String(seconds) } : undefined
  return refuse(429, 'too many requests; try again later', wait)
}
