/** The kind of a call. */
export type CallName =
  | 'run'
  | 'stream'
  | 'openai'
  | 'models'
  | 'submit'
  | 'status'
  | 'status-stream'
  | 'result'
  | 'cancel'
  | 'token'
  | 'upload'
  | 'file'
  | 'jwks'
  | 'openapi'

/** Where in an answer something happens. Nothing given: after the head, before the first byte. */
export interface FaultPosition {
  /** After so many bytes of the body. */
  readonly afterBytes?: number
  /** After so many events of a stream; comments are none. */
  readonly afterEvents?: number
  /** Before even the head is sent. */
  readonly beforeHead?: boolean
}

/** One thing that goes wrong with a call. */
export type Fault =
  /** Any answer instead of the real one: a status, or JSON or HTML where a stream is expected. */
  | {
      readonly type: 'respond'
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      /** A string is sent unchanged, anything else as JSON. */
      readonly body?: unknown
    }
  /** Nothing more is sent, and the connection stays open. */
  | ({ readonly type: 'stall' } & FaultPosition)
  /**
   * The answer ends too early: "clean" as HTTP ends an answer, "drop" by closing the connection, "reset" by resetting it.
   * Default "clean".
   */
  | ({ readonly type: 'cut'; readonly how?: 'clean' | 'drop' | 'reset' } & FaultPosition)
  /** The body is cut into chunks at these offsets, in bytes; without offsets, into single bytes. */
  | { readonly type: 'split'; readonly offsets?: readonly number[] }
  /** The body arrives in chunks of `bytes` (default 1), `everyMs` apart (default 20). */
  | { readonly type: 'drip'; readonly bytes?: number; readonly everyMs?: number }
  /** The stream ends with an in-band error instead of the next event. */
  | { readonly type: 'error'; readonly message?: string; readonly afterEvents?: number }
  /** The next event's data is half a JSON text; the stream goes on. */
  | { readonly type: 'malformed'; readonly afterEvents?: number }
  /** The beginning of the text changes, so that a snapshot does not extend the last one. */
  | { readonly type: 'rewrite'; readonly afterEvents?: number }
  /** The job is accepted and then unknown. */
  | { readonly type: 'lose-job' }
  /** The job is accepted and fails when it runs, with this status, error type and text. */
  | {
      readonly type: 'fail-job'
      readonly status?: number
      readonly errorType?: string
      readonly detail?: string
    }
  /**
   * The server closes every connection and stops for `downMs` (default 1000), then listens on the same port; jobs are
   * kept.
   */
  | { readonly type: 'restart'; readonly downMs?: number }

/** Which calls fail, how, and how often. */
export interface FaultRule {
  /** Everything given must fit; nothing given fits every call. */
  readonly match?: {
    readonly call?: CallName | readonly CallName[]
    /** Part of fal's path, or a pattern for it. */
    readonly path?: string | RegExp
  }
  /** Default 1. */
  readonly times?: number
  /**
   * Whether the emulator handles the call before the fault happens: a submit is accepted although its answer is lost.
   * Default true; false for `respond`.
   */
  readonly handled?: boolean
  /** A list: all of them happen to the same call. */
  readonly fault: Fault | readonly Fault[]
}

/** The faults to come. */
export interface Faults {
  /**
   * Adds a rule at the end. The first rule that fits a call and is not used up applies. Returns the function that
   * removes it.
   */
  add(rule: FaultRule): () => void
  /** Removes every rule. */
  clear(): void
  /** How many rules are not used up. */
  readonly pending: number
}
