import type { Endpoint, EndpointId } from '@fal-llm/core/endpoints'
import type { FinishedCall } from './call/call-record.ts'
import type { OnError } from './call/guard.ts'
import type { Authorize } from './identify.ts'
import type { OnUpload } from './input/read-upload.ts'
import type { RateLimit } from './limits/rate-limit.ts'
import type { Credentials } from './upstream/credentials.ts'

/**
 * What a proxy serves, to whom, and within which bounds. Times are milliseconds. `createFalProxy` throws for a bound that is
 * NaN, infinite or negative.
 */
export interface FalProxyOptions {
  /**
   * "key_id:secret", or a function that returns it and is called for each request. Default: FAL_KEY, else FAL_KEY_ID and
   * FAL_KEY_SECRET; trimmed.
   */
  credentials?: Credentials
  /**
   * Who may call: `true`, `false`, `{ userId }`, or a Response to refuse with. Without it every call is a 401, unless
   * `allowAnonymous` is true. A caller may follow, read and cancel only jobs submitted under its own `userId`; callers
   * without one are guests, who share one identity.
   */
  authorize?: Authorize
  /**
   * The secret that signs job ids when `authorize` is given: at least 16 characters, not the fal key, the same on every
   * machine. Of a list, the first one signs and any one opens: put a new secret in front, and remove the old one when its
   * jobs are over. Default: the fal key; with a new key the jobs of the old one can no longer be followed.
   */
  jobIdSecret?: string | readonly string[] | undefined
  /** Anyone may call and spend on this account. Default false. */
  allowAnonymous?: boolean
  /**
   * The origins whose pages may call, as in "https://app.example". List your own too. Pages of the others get the CORS headers
   * they need. Default: `Origin` is not checked, and no page of another origin can call, because it gets no CORS headers.
   */
  allowedOrigins?: readonly string[]
  /** The endpoints that may be called, id by id. Default: the language model endpoints of @fal-llm/core. */
  endpoints?: readonly (EndpointId | Endpoint | (string & {}))[]
  /**
   * Called with each run, stream and submit before it costs money.
   * Change `input` in place to narrow it (cap `max_tokens`, pin `model`); return a Response to refuse.
   */
  onRequest?: (call: {
    endpoint: string
    input: Record<string, unknown>
    userId: string | undefined
    request: Request
  }) => void | Response | Promise<void | Response>
  /**
   * Called when fal has accepted a queued job, before the caller gets the answer, and also when the caller has left.
   * `requestId` is fal's own, as in webhooks.
   */
  onSubmitted?: (job: {
    endpoint: string
    requestId: string
    userId: string | undefined
    request: Request
  }) => void | Promise<void>
  /**
   * Called after each call, refused ones included, when its answer is over: who called what, how it ended, what it cost.
   * The answer does not wait for it.
   */
  onFinished?: (call: FinishedCall) => void | Promise<void>
  /**
   * Called with work that must go on after the caller has left: a job being submitted, and `onFinished`. For runtimes that stop
   * with the answer: `waitUntil` of "cloudflare:workers" or of "@vercel/functions". Default: none.
   */
  waitUntil?: (work: Promise<unknown>) => void
  /**
   * Called before each POST with the `userId`, or 'anonymous' for all callers without one, and the call itself.
   * A refused call is a 429. Default: 60 a minute per user, else per address, in memory; false for none.
   */
  limit?: RateLimit | false
  /**
   * The same for calls that follow a job: its status, result and cancel. Default: 1200 a minute per user, else per address,
   * in memory; false for none.
   */
  limitFollowUps?: RateLimit | false
  /**
   * How many calls a user, else an address, may have open at once in this process; one more is a 429. Default 64; 0 is
   * no bound.
   */
  maxInFlight?: number
  /**
   * The address a call came from. Trust a header only if your own edge sets it. Default: `address`, the one of the
   * connection.
   */
  clientAddress?: (request: Request, address: string | undefined) => string | undefined
  /** Largest request body, bytes. Default 1 MiB; uploads go straight to storage, not through here. */
  maxBodyBytes?: number
  /** Longest wait for a request body. Default 30000; 0 waits for ever. */
  bodyTimeoutMs?: number
  /** Longest time without a byte of fal. Default 300000; 0 waits for ever. */
  idleTimeoutMs?: number
  /** Longest life of an answer, streams included; then it is broken off. Default 3600000; 0 is for ever. */
  maxStreamMs?: number
  /** Longest wait for each of your own functions; one that takes longer has failed. Default 10000; 0 waits for ever. */
  hookTimeoutMs?: number
  /** Whether callers may start uploads, single and multipart. Default false; true where `onUpload` is given. */
  allowUploads?: boolean
  /** Called with each file before its upload starts; return a Response to refuse it. */
  onUpload?: OnUpload
  /** The address that fal reports finished jobs to. Added to every submit; a caller cannot choose one. */
  webhookUrl?: string
  /**
   * The address of the emulator, in development: each host of fal is its first path segment. https, or http to this
   * machine. Default: FAL_BASE_URL, else fal itself.
   */
  baseUrl?: string
  fetch?: typeof fetch
  /**
   * Called with what failed on the server's side, in which part, and in which call. The caller does not get the reason.
   * Default: none.
   */
  onError?: OnError
}
