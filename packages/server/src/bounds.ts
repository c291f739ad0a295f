// Bounds are checked once, when the proxy is created: a NaN would switch a limit off in silence, and setTimeout fires at
// once when its delay is infinite or longer than 24.8 days.

const longestTimerMs = 2 ** 31 - 1

/**
 * Checks a bound; undefined becomes the default.
 *
 * @throws RangeError for what is no finite number of at least 0.
 */
export function toBound(name: string, value: unknown, byDefault: number): number {
  if (value === undefined) return byDefault
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new RangeError(`${name} must be a finite number, 0 or more, not ${String(value)}`)
}

/**
 * Checks a wait in milliseconds; undefined becomes the default, more than 24.8 days becomes 24.8 days.
 *
 * @throws RangeError for what is no finite number of at least 0.
 */
export function toWaitMs(name: string, value: unknown, byDefault: number): number {
  return Math.min(toBound(name, value, byDefault), longestTimerMs)
}
