import { toFields } from '../../json.ts'
import type { ProxyCall } from '../call/call-record.ts'
import { HookMisuse } from '../call/guard.ts'
import type { Guard, ProxyStage } from '../call/guard.ts'
import { refuse } from '../call/refuse.ts'
import { isResponse } from '../call/to-refusal.ts'

/** How many calls a caller has left. */
export interface RateLimitState {
  /** Whether this call may go on. */
  readonly allowed: boolean
  /** Calls per window. */
  readonly limit: number
  /** Calls left in this window. */
  readonly remaining: number
  /** Milliseconds until all calls are allowed again; of a refused call, until it may be tried again. */
  readonly resetMs: number
  /** The window, milliseconds. When given, the caller gets it in the header `RateLimit-Policy`. */
  readonly windowMs?: number
}

/** `true` lets a call pass. `false`, `{ retryAfterMs }`, a state that is not `allowed` and a Response refuse it. */
export type RateLimitVerdict = boolean | { retryAfterMs: number } | RateLimitState | Response

/** Decides whether a caller may call. The key is the `userId`, or 'anonymous' for all callers without one. */
export type RateLimit = (
  key: string,
  call: ProxyCall,
) => RateLimitVerdict | Promise<RateLimitVerdict>

/** The headers that tell a caller its limit, or the refusal: 429, or 500 when the limiter failed. */
export type Admission = Readonly<Record<string, string>> | Response

/** Checks a call against a limit. Never rejects. */
export async function checkLimit(
  policy: 'calls' | 'follow-ups',
  stage: ProxyStage,
  limit: RateLimit,
  call: ProxyCall,
  guard: Guard,
): Promise<Admission> {
  const verdict = await guard(stage, async () =>
    toVerdict(stage, await limit(call.userId ?? 'anonymous', call)),
  )
  if (verdict instanceof Response) return verdict
  if (verdict === true) return {}
  if (verdict === false) return tooMany({})
  if ('retryAfterMs' in verdict) return tooMany(retryAfter(verdict.retryAfterMs))
  const headers = toHeaders(policy, verdict)
  return verdict.allowed ? headers : tooMany({ ...headers, ...retryAfter(verdict.resetMs) })
}

function toVerdict(stage: ProxyStage, given: RateLimitVerdict): RateLimitVerdict {
  if (typeof given === 'boolean' || isResponse(given)) return given
  const { allowed, retryAfterMs, ...numbers } = toFields(given)
  if (Number.isFinite(retryAfterMs)) return given
  const { limit, remaining, resetMs, windowMs = 0 } = numbers
  const isState = [limit, remaining, resetMs, windowMs].every(Number.isFinite)
  if (typeof allowed === 'boolean' && isState) return given
  throw new HookMisuse(
    stage,
    'true, false, { retryAfterMs }, { allowed, limit, remaining, resetMs } or a Response',
    given,
  )
}

/** @source IETF draft-ietf-httpapi-ratelimit-headers-10 (read 2026-11-20) */
function toHeaders(
  policy: string,
  { limit, remaining, resetMs, windowMs }: RateLimitState,
): Record<string, string> {
  const left = Math.max(0, Math.floor(remaining))
  const headers = { ratelimit: `"${policy}";r=${left};t=${toSeconds(resetMs)}` }
  if (windowMs === undefined) return headers
  const quota = `"${policy}";q=${Math.floor(limit)};w=${toSeconds(windowMs)}`
  return { ...headers, 'ratelimit-policy': quota }
}

function retryAfter(waitMs: number): Record<string, string> {
  return waitMs > 0 ? { 'retry-after': String(toSeconds(waitMs)) } : {}
}

function toSeconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1_000))
}

function tooMany(headers: Readonly<Record<string, string>>): Response {
  return refuse(429, 'too many requests; try again later', headers)
}
