import { FalLlmError } from './errors.ts'
import type { Timeouts } from './deadline.ts'

/**
 * Reads an option that is a duration, milliseconds. `undefined` means its default, `Infinity` none.
 *
 * @throws FalLlmError `invalid-input` naming the option, for everything that is no duration.
 */
export function parseDuration(value: unknown, option: string, defaultMs: number): number {
  return parseNumber(value, option, defaultMs, 0)
}

/**
 * Reads an option that is a number; `undefined` means its default.
 *
 * @throws FalLlmError `invalid-input` naming the option.
 */
export function parseNumber(
  value: unknown,
  option: string,
  byDefault: number,
  atLeast: number,
): number {
  if (value === undefined) return byDefault
  if (typeof value === 'number' && value >= atLeast) return value
  const message = `must be a number, ${atLeast} or more, and Infinity for no limit; not ${show(value)}`
  throw new FalLlmError('invalid-input', `${option}: ${message}`, {
    issues: [{ path: option, message, type: 'value_error' }],
  })
}

/**
 * Looks at the time-outs of a client or a call.
 *
 * @throws FalLlmError `invalid-input` naming the first that is no duration.
 */
export function assertTimeouts(timeouts: Timeouts = {}): void {
  for (const [name, value] of Object.entries(timeouts)) parseDuration(value, `timeouts.${name}`, 0)
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value)
}
