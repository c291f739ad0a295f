import { createUpstreamModel } from '../models/upstream.ts'
import { oneOf, urlChoices } from '../options.ts'
import type { ServeOptions } from '../serve.ts'

type NumberFlag =
  | 'tokens-per-second'
  | 'first-token-ms'
  | 'min-event-interval-ms'
  | 'concurrency'
  | 'queue-delay-ms'
  | 'max-queued-jobs'
type TextFlag = 'upstream' | 'upstream-model'

interface Flag<Type extends 'string' | 'boolean', Default> {
  type: Type
  default: Default
  description: string
  valueHint?: string
}

/** A flag that has no value unless it is given. */
export type TextFlagDefinition = Omit<Flag<'string', string>, 'default'>

/** The flags of both commands. The defaults suit a person who watches; a test wants no delay. */
export type Flags = Record<NumberFlag, Flag<'string', string>> &
  Record<TextFlag, TextFlagDefinition> &
  Record<'urls', Flag<'string', string>> &
  Record<'webhooks-anywhere', Flag<'boolean', boolean>>

/** The flags of an emulator, wherever it listens. */
export const flags: Flags = {
  'tokens-per-second': number('60', 'how fast answers are written; 0: at once'),
  'first-token-ms': number('200', 'how long an answer takes to begin'),
  'min-event-interval-ms': number('0', 'least time between two events of a stream'),
  concurrency: number('2', 'how many jobs of the queue run at once'),
  'queue-delay-ms': number('300', 'how long the queue takes to notice a job'),
  'max-queued-jobs': number('10000', 'how many jobs may wait'),
  upstream: text('ask a real model: an OpenAI-compatible URL up to /v1', 'url'),
  'upstream-model': text('the model to ask for there; default: the one of the request', 'name'),
  urls: {
    type: 'string',
    default: 'auto',
    description:
      'which URLs are handed out: fal (its own), mapped (the emulator’s), auto (such as the caller can follow)',
    valueHint: urlChoices.join('|'),
  },
  'webhooks-anywhere': {
    type: 'boolean',
    default: false,
    description: 'call webhooks on other machines too',
  },
}

/** The values of the flags, as the command line gave them. */
export type FlagValues = Readonly<
  Record<NumberFlag | 'urls', string> &
    Record<TextFlag, string | undefined> & { 'webhooks-anywhere': boolean }
>

/**
 * Turns flags into options.
 *
 * @throws RangeError that names the flag whose value is out of range.
 */
export function readFlags(values: FlagValues): ServeOptions {
  const read = (name: NumberFlag): number => toNumber(name, values[name])
  const { upstream, 'upstream-model': model } = values
  const key = process.env['UPSTREAM_API_KEY']
  const upstreamModel = upstream && {
    model: createUpstreamModel({ url: upstream, ...(model && { model }), ...(key && { key }) }),
  }
  return {
    tokensPerSecond: read('tokens-per-second') || Infinity,
    firstTokenMs: read('first-token-ms'),
    minEventIntervalMs: read('min-event-interval-ms'),
    concurrency: read('concurrency'),
    queueDelayMs: read('queue-delay-ms'),
    maxQueuedJobs: read('max-queued-jobs'),
    urls: oneOf('--urls', urlChoices, values.urls),
    webhooksAnywhere: values['webhooks-anywhere'],
    ...upstreamModel,
  }
}

/**
 * Reads a flag's value as a number.
 *
 * @throws RangeError that names the flag.
 */
export function toNumber(name: string, value: string): number {
  const parsed = Number(value)
  if (value.trim() !== '' && parsed >= 0) return parsed
  throw new RangeError(`--${name} must be a number from 0 up, not "${value}"`)
}

/** Describes a flag whose value is a number. */
export function number(fallback: string, description: string): Flag<'string', string> {
  return { type: 'string', default: fallback, description, valueHint: 'number' }
}

/** Describes a flag whose value is a text. */
export function text(description: string, valueHint: string): TextFlagDefinition {
  return { type: 'string', description, valueHint }
}
