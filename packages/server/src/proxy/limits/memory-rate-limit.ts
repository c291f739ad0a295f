import { toBound, toWaitMs } from '../../bounds.ts'
import type { ProxyCall } from '../call/call-record.ts'
import type { RateLimitState } from './rate-limit.ts'

/** A limit kept in the memory of this process. */
export interface MemoryRateLimitOptions {
  /** Calls per window and caller, at least 1. Default 60. */
  limit?: number
  /** The window, milliseconds. Default 60000. */
  windowMs?: number
  /** Callers remembered; the one not heard of for longest is forgotten first. Default 100000, some 10 MB. */
  maxCallers?: number
  /** Milliseconds on a clock that only goes forward. Default performance.now. */
  now?: () => number
}

/**
 * Creates a rate limit for one process: each user, else each address, may make `limit` calls at once, and one more each
 * `windowMs / limit` from then on. Callers with neither share one limit.
 *
 * @throws RangeError for a bound that is none.
 */
export function createMemoryRateLimit(
  options: MemoryRateLimitOptions = {},
): (key: string, call: Pick<ProxyCall, 'userId' | 'address'>) => RateLimitState {
  const limit = Math.max(1, toBound('limit', options.limit, 60))
  const windowMs = Math.max(1, toWaitMs('windowMs', options.windowMs, 60_000))
  const maxCallers = Math.max(1, toBound('maxCallers', options.maxCallers, 100_000))
  const now = options.now ?? (() => performance.now())
  const stepMs = windowMs / limit
  // One number per caller, the time at which its limit is whole again (generic cell rate algorithm).
  const wholeAt = new Map<string, number>()

  return (_key, call) => {
    const key = callerKey(call)
    const time = now()
    const before = Math.max(time, wholeAt.get(key) ?? time)
    const after = before + stepMs
    // A rounding error must not take the last call away.
    const waitMs = after - windowMs - time
    const allowed = waitMs < stepMs / 1_000
    // Moved to the end: the map's order is who was heard of last.
    wholeAt.delete(key)
    wholeAt.set(key, allowed ? after : before)
    if (wholeAt.size > maxCallers) wholeAt.delete(wholeAt.keys().next().value ?? key)
    const remaining = allowed ? Math.floor((windowMs - (after - time)) / stepMs + 1e-3) : 0
    return { allowed, limit, remaining, resetMs: allowed ? after - time : waitMs, windowMs }
  }
}

/** Who a call is counted for: no user can be called like an address, and no address like nobody. Never throws. */
export function callerKey({ userId, address }: Pick<ProxyCall, 'userId' | 'address'>): string {
  if (userId !== undefined) return `user ${userId}`
  return address === undefined ? 'nobody' : `address ${toNetwork(address)}`
}

// Whoever has one address of IPv6 has the 2^64 of its network; IPv4 may come in the clothes of IPv6.
function toNetwork(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length)
  return [...groups, ...Array<string>(zeros).fill('0'), ...behind].slice(0, 4).join(':')
}
