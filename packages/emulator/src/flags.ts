import type { ServeOptions } from './serve.ts'

type FlagName = 'port' | 'tokens-per-second' | 'first-token-ms' | 'min-event-interval-ms'

interface Flag {
  type: 'string'
  default: string
  description: string
  valueHint: string
}

/** What the command line takes, for a person at the other end: not as fast as the machine can. */
export const flags: Record<FlagName, Flag> = {
  port: number('8787', 'where to listen; 0: any free port'),
  'tokens-per-second': number('60', 'how fast answers are written; 0: at once'),
  'first-token-ms': number('200', 'how long an answer takes to begin'),
  'min-event-interval-ms': number('0', 'least time between two events of a stream'),
}

/**
 * Turns flags into options.
 *
 * @throws RangeError that names the flag whose value is no number.
 */
export function readFlags(values: Readonly<Record<FlagName, string>>): ServeOptions {
  const read = (name: FlagName): number => toNumber(name, values[name])
  return {
    port: read('port'),
    tokensPerSecond: read('tokens-per-second') || Infinity,
    firstTokenMs: read('first-token-ms'),
    minEventIntervalMs: read('min-event-interval-ms'),
  }
}

function number(fallback: string, description: string): Flag {
  return { type: 'string', default: fallback, description, valueHint: 'number' }
}

function toNumber(name: string, value: string): number {
  const parsed = Number(value)
  if (value.trim() !== '' && parsed >= 0) return parsed
  throw new RangeError(`--${name} must be a number from 0 up, not "${value}"`)
}
