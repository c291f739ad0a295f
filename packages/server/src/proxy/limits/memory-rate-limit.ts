import { toBound, toWaitMs } from '../../bounds.ts'
import type { ProxyCall } from '../call/call-record.ts'
import type { RateLimitState } from './rate-limit.ts'

/** How many calls a limit allows. It is kept in the memory of this process. */
export interface MemoryRateLimitOptions {
  /** Calls per window and caller, at least 1. Default 60. */
  limit?: number
  /** The window, milliseconds. Default 60000. */
  windowMs?: number
  /**
   * How many callers are remembered; the one that has not called for longest is forgotten first. Default 100000, some 10
   * MB.
   */
  maxCallers?: number
  /** Milliseconds on a clock that only goes forward. Default performance.now. */
  now?: () => number
}

/**
 * Creates a rate limit for one process: each user, else each address, may make `limit` calls at once, and one more each
 * `windowMs / limit` from then on. Callers with neither share one limit.
 *
 * @throws RangeError for an option that is NaN, infinite or negative.
 */
export function createMemoryRateLimit(
  options: MemoryRateLimitOptions = {},
): (key: string, call: Pick<ProxyCall, 'userId' | 'address'>) => RateLimitState {
  const limit = Math.max(1, toBound('limit', options.limit, 60))
  const windowMs = Math.max(1, toWaitMs('windowMs', options.windowMs, 60_000))
  const maxCallers = Math.max(1, toBound('maxCallers', options.maxCallers, 100_000))
  const now = options.now ?? (() => performance.now())
  const stepMs = windowMs / limit
  // One number per caller: the time at which all its calls are allowed again (generic cell rate algorithm).
  const wholeAt = new Map<string, number>()

  return (_key, call) => {
    const key = callerKey(call)
    const time = now()
    const before = Math.max(time, wholeAt.get(key) ?? time)
    const after = before + stepMs
    // A rounding error must not refuse the last allowed call.
    const waitMs = after - windowMs - time
    const allowed = waitMs < stepMs / 1_000
    // Set anew to move it to the end: the map is in the order of the last calls.
    wholeAt.delete(key)
    wholeAt.set(key, allowed ? after : before)
    if (wholeAt.size > maxCallers) wholeAt.delete(wholeAt.keys().next().value ?? key)
    const remaining = allowed ? Math.floor((windowMs - (after - time)) / stepMs + 1e-3) : 0
    return { allowed, limit, remaining, resetMs: allowed ? after - time : waitMs, windowMs }
  }
}

/** The key a call is counted under. No user's key equals that of an address, whatever the user is called. */
export function callerKey({ userId, address }: Pick<ProxyCall, 'userId' | 'address'>): string {
  if (userId !== undefined) return `user ${userId}`
  return address === undefined ? 'nobody' : `address ${toNetwork(address)}`
}

// A caller with one IPv6 address has all 2^64 addresses of its /64 network, so they count as one. An IPv4 address may be
// written as IPv6.
function toNetwork(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length)
  return [...groups, ...Array<string>(zeros).fill('0'), ...behind].slice(0, 4).join(':')
}
