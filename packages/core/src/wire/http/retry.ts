import { parseDuration, parseNumber } from '../../duration.ts'

/** When a refused call is sent again. Retry-After is obeyed; one over 60 s surfaces instead of waiting. */
export interface RetryPolicy {
  /** Requests at most, the first included. Default 3. */
  readonly attempts?: number | undefined
  /** Upper end of the first random wait, milliseconds; it doubles each time. Default 500. */
  readonly baseDelayMs?: number | undefined
  /** Milliseconds. Default 8000. */
  readonly maxDelayMs?: number | undefined
}

/** A longer Retry-After surfaces instead of being waited for, milliseconds. */
export const longestRetryAfterMs = 60_000

/** A policy as it is followed. */
export interface Retries {
  /** Requests at most, the first included. */
  readonly attempts: number
  /** How long to wait after so many tries: any time up to a ceiling, so that callers do not come back together. */
  backoffMs(tries: number): number
}

/**
 * Reads a retry policy; `false` means one request.
 *
 * @throws FalLlmError `invalid-input` naming the option that is wrong.
 */
export function readRetryPolicy(policy: RetryPolicy | false = {}): Retries {
  const { attempts, baseDelayMs, maxDelayMs } = policy === false ? { attempts: 1 } : policy
  const baseMs = parseDuration(baseDelayMs, 'retry.baseDelayMs', 500)
  const maxMs = parseDuration(maxDelayMs, 'retry.maxDelayMs', 8_000)
  return {
    attempts: parseNumber(attempts, 'retry.attempts', 3, 1),
    backoffMs: (tries) => Math.random() * Math.min(maxMs, baseMs * 2 ** Math.min(tries - 1, 31)),
  }
}
