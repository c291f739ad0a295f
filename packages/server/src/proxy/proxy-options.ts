import type { Endpoint, EndpointId } from '@fal-llm/core/endpoints'
import type { FinishedCall } from './call/call-record.ts'
import type { OnError } from './call/guard.ts'
import type { Authorize } from './identify.ts'
import type { OnUpload } from './input/read-upload.ts'
import type { RateLimit } from './limits/rate-limit.ts'
import type { Credentials } from './upstream/credentials.ts'

/**
 * What a proxy serves, to whom, and within which bounds. Times are milliseconds. A bound that is NaN, infinite or negative
 * is refused at the start.
 */
export interface FalProxyOptions {
  /** "key_id:secret" or a function returning it, asked per request. Default: FAL_KEY, else FAL_KEY_ID and FAL_KEY_SECRET; trimmed. */
  credentials?: Credentials
  /**
   * Who may call: `true`, `false`, `{ userId }`, or a Response to refuse with. Without it every call is a 401, unless
   * `allowAnonymous` is true. A caller may follow, read and cancel only jobs submitted under its own `userId`; callers
   * without one are guests, who share one identity.
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
  /**
   * The pages that may call, as in "https://app.example": your own and those of other origins, which get the CORS headers
   * they need. Default: none of another origin, and no look at `Origin`.
   */
  allowedOrigins?: readonly string[]
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
  /** After each call, refused ones included, when its answer is over: who asked for what, how it ended, what it cost. Nobody waits for it. */
  onFinished?: (call: FinishedCall) => void | Promise<void>
  /**
   * Told of work that must go on when the caller has left: a job being submitted, and `onFinished`. For runtimes that end with
   * the caller: `waitUntil` of "cloudflare:workers" or of "@vercel/functions". Default: nobody.
   */
  waitUntil?: (work: Promise<unknown>) => void
  /**
   * Asked before each POST with the `userId`, or 'anonymous' for all others together, and the call itself.
   * Refuses with 429. Default: 60 a minute per user, else per address, in memory; false for none.
   */
  limit?: RateLimit | false
  /**
   * The same for what follows a job: its status, result and cancel. Default: 1200 a minute per user, else per address,
   * in memory; false for none.
   */
  limitFollowUps?: RateLimit | false
  /** Calls open at once per user, else per address, in this process; one more is a 429. Default 64; 0 is no bound. */
  maxInFlight?: number
  /** Where a call came from. Believe a header only if your own edge sets it. Default: what the door saw, `address`. */
  clientAddress?: (request: Request, address: string | undefined) => string | undefined
  /** Largest request body, bytes. Default 1 MiB; uploads go straight to storage, not through here. */
  maxBodyBytes?: number
  /** Longest wait for a request body. Default 30000; 0 waits for ever. */
  bodyTimeoutMs?: number
  /** Longest silence of fal. Default 300000; 0 waits for ever. */
  idleTimeoutMs?: number
  /** Longest life of an answer, streams included; then it is broken off. Default 3600000; 0 is for ever. */
  maxStreamMs?: number
  /** Longest wait for each of your own functions; a later one failed. Default 10000; 0 waits for ever. */
  hookTimeoutMs?: number
  /** Starting uploads, single and multipart. Default false; true where `onUpload` is given. */
  allowUploads?: boolean
  /** A look at each file before its upload starts; return a Response to refuse. */
  onUpload?: OnUpload
  /** Where fal reports finished queue jobs. Added to every submit; a caller cannot choose one. */
  webhookUrl?: string
  /** The emulator, in development: each host of fal is a first path segment. https, or http to this machine. Default: FAL_BASE_URL, else fal itself. */
  baseUrl?: string
  fetch?: typeof fetch
  /** Hears what failed on the server's side, in which part, and of which call; the caller is told nothing of it. Default: nobody. */
  onError?: OnError
}
