import { endpoints as falEndpoints } from '@fal-llm/core/endpoints'
import type { Endpoint } from '@fal-llm/core/endpoints'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { faultCommands } from './faults/fault-commands.ts'
import { createBuiltInModel } from './models/built-in/built-in-model.ts'
import type { Model } from './models/model.ts'

/** How an emulator behaves. Everything has a default; the defaults are as fast as the machine. */
export interface EmulatorOptions {
  /** Endpoints of your own, besides fal's. */
  readonly endpoints?: readonly Endpoint[]
  /** The only keys let in, "key_id:secret". Default: any non-empty Authorization passes. */
  readonly keys?: readonly string[]
  /** How fast the built-in model talks. Default Infinity: no pause at all. */
  readonly tokensPerSecond?: number
  /** How long the built-in model waits before its first token, milliseconds. Default 0. */
  readonly firstTokenMs?: number
  /**
   * The least time between two events of a stream, milliseconds; tokens that come in between go into the next event.
   * Default 0: every token is an event, and each carries the whole text so far.
   */
  readonly minEventIntervalMs?: number
  /** The largest JSON body taken, bytes; above it 413. Default 32 MiB. */
  readonly maxBodyBytes?: number
  /** How many jobs run at once. Default 2, as for a new account. */
  readonly concurrency?: number
  /** How long the queue takes to notice a job, milliseconds. Default 0. */
  readonly queueDelayMs?: number
  /** How many jobs may wait; a submit above that gets 429. Default 10,000. */
  readonly maxQueuedJobs?: number
  /** How many completed jobs are kept; beyond that the oldest are forgotten before their time. Default 10,000. */
  readonly maxKeptJobs?: number
  /** How many bytes of files are kept; an upload above that gets 413. Default 512 MiB. */
  readonly maxStoredBytes?: number
  /** Whether webhooks may call other machines than this one. Default false: nothing leaves it. */
  readonly webhooksAnywhere?: boolean
  /** The private key that signs webhooks, 32 bytes. Default: a new one for each emulator. */
  readonly webhookKey?: Uint8Array
  /** Sends webhooks. Default: the global fetch. */
  readonly fetch?: typeof fetch
  /** Called with each exchange once its answer has ended. */
  readonly record?: (exchange: RecordedExchange) => void
  /** Recorded exchanges: a request that fits one gets its answer again. */
  readonly replay?: readonly RecordedExchange[]
  /** How many requests `requests` remembers; the oldest are forgotten. Default 10,000. */
  readonly maxLoggedRequests?: number
  /**
   * Which URLs the answers contain. "auto" (default): URLs that the caller can follow. A caller that came by path or through
   * a proxy gets the emulator's; a caller that maps fal's hosts to the emulator (`exec`, a patched fetch that calls
   * `/https://fal.run/…`, a hosts file) gets fal's. "fal": always fal's https ones. "mapped": always the emulator's.
   */
  readonly urls?: UrlChoice
  /**
   * Which log lines a client gets that joins a status stream late: all from the first on (default), or only new ones. fal's
   * pages do not show which, so a client must handle both.
   */
  readonly lateLogs?: 'all' | 'new'
  /** Answers instead of the built-in model. */
  readonly model?: Model
  /** How events are written. */
  readonly framing?: Framing
  /** Where time comes from. Default: the machine's clock. */
  readonly clock?: Clock
  /** Makes request ids. Default: random UUIDs. */
  readonly createId?: () => string
}

/** Which URLs the answers contain. */
export type UrlChoice = (typeof urlChoices)[number]

/** Every choice of URLs. */
export const urlChoices = ['auto', 'fal', 'mapped'] as const

/** A request and its answer: plain data that can be kept as JSON. It holds no key. */
export interface RecordedExchange {
  readonly request: {
    readonly method: string
    /** fal's own, "https://fal.run/fal-ai/any-llm/stream". */
    readonly url: string
    readonly body: string
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly chunks: readonly RecordedChunk[]
  }
}

/** A piece of a body as it was written. */
export interface RecordedChunk {
  /** Milliseconds after the request arrived. */
  readonly atMs: number
  /** The bytes, base64. */
  readonly base64: string
}

/** How the events of a stream are written. A client must not depend on any of it. */
export interface Framing {
  /** Default CRLF, fal's own. */
  readonly lineEnd?: '\r\n' | '\n' | '\r'
  /** The `event:` line of fal's streams. Default true. */
  readonly eventName?: boolean
  /** A comment line before each event. Default false. */
  readonly comments?: boolean
  /** Whether everything but ASCII is escaped in the JSON. Default false. */
  readonly asciiOnly?: boolean
}

/** Options with every default filled in. */
export interface ResolvedOptions extends Required<
  Omit<EmulatorOptions, 'keys' | 'endpoints' | 'webhookKey' | 'record'>
> {
  readonly webhookKey: Uint8Array | undefined
  readonly record: EmulatorOptions['record']
  readonly keys: ReadonlySet<string> | undefined
  readonly endpoints: readonly Endpoint[]
  readonly framing: Required<Framing>
}

const mebibyte = 1024 * 1024

/**
 * Fills in the defaults.
 *
 * @throws RangeError that names the option, for a value out of range.
 */
export function resolveOptions(options: EmulatorOptions = {}): ResolvedOptions {
  const { clock = systemClock } = options
  const tokensPerSecond = above0('tokensPerSecond', options.tokensPerSecond ?? Infinity)
  const firstTokenMs = atLeast0('firstTokenMs', options.firstTokenMs ?? 0)
  return {
    clock,
    tokensPerSecond,
    firstTokenMs,
    minEventIntervalMs: atLeast0('minEventIntervalMs', options.minEventIntervalMs ?? 0),
    maxBodyBytes: above0('maxBodyBytes', options.maxBodyBytes ?? 32 * mebibyte),
    concurrency: above0('concurrency', options.concurrency ?? 2),
    queueDelayMs: atLeast0('queueDelayMs', options.queueDelayMs ?? 0),
    maxQueuedJobs: atLeast0('maxQueuedJobs', options.maxQueuedJobs ?? 10_000),
    maxKeptJobs: atLeast0('maxKeptJobs', options.maxKeptJobs ?? 10_000),
    maxStoredBytes: above0('maxStoredBytes', options.maxStoredBytes ?? 512 * mebibyte),
    webhooksAnywhere: options.webhooksAnywhere ?? false,
    webhookKey: options.webhookKey,
    // The global fetch is looked up at each call, because a program may replace it.
    fetch: options.fetch ?? ((...call) => fetch(...call)),
    record: options.record,
    replay: options.replay ?? [],
    maxLoggedRequests: atLeast0('maxLoggedRequests', options.maxLoggedRequests ?? 10_000),
    urls: oneOf('urls', urlChoices, options.urls ?? 'auto'),
    lateLogs: oneOf('lateLogs', ['all', 'new'], options.lateLogs ?? 'all'),
    model:
      options.model ??
      createBuiltInModel({
        clock,
        tokensPerSecond,
        firstTokenMs,
        otherCommands: faultCommands,
      }),
    framing: {
      lineEnd: '\r\n',
      eventName: true,
      comments: false,
      asciiOnly: false,
      ...options.framing,
    },
    createId: options.createId ?? (() => crypto.randomUUID()),
    keys: options.keys && new Set(options.keys),
    endpoints: [...Object.values(falEndpoints), ...(options.endpoints ?? [])],
  }
}

/**
 * Checks that a word is one of a few.
 *
 * @throws RangeError that names the option and the words.
 */
export function oneOf<Word extends string>(
  name: string,
  words: readonly Word[],
  given: string,
): Word {
  const found = words.find((word) => word === given)
  if (found !== undefined) return found
  throw new RangeError(`${name} must be one of ${words.join(', ')}, not "${given}"`)
}

function atLeast0(name: string, value: number): number {
  if (value >= 0) return value
  throw new RangeError(`${name} must be 0 or more, not ${value}`)
}

function above0(name: string, value: number): number {
  if (value > 0) return value
  throw new RangeError(`${name} must be more than 0, not ${value}`)
}
