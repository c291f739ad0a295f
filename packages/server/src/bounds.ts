// Bounds are checked once, at the start: a NaN would switch a limit off in silence, and setTimeout takes an infinite or
// a very long wait for none at all.

const longestTimerMs = 2 ** 31 - 1

/**
 * A bound as the host gave it, or its default.
 *
 * @throws RangeError for what is no finite number of at least 0.
 */
export function toBound(name: string, value: unknown, byDefault: number): number {
  if (value === undefined) return byDefault
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new RangeError(`${name} must be a finite number, 0 or more, not ${String(value)}`)
}

/** A wait in milliseconds as the host gave it, or its default; at most 24.8 days. @throws RangeError as `toBound`. */
export function toWaitMs(name: string, value: unknown, byDefault: number): number {
  return Math.min(toBound(name, value, byDefault), longestTimerMs)
}
