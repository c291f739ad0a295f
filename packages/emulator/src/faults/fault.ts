/** What a request asks for. */
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

/** Something that goes wrong with one call. */
export type Fault =
  /** Any answer at all, instead of the emulator's own: a status, JSON or HTML where a stream was due. */
  | {
      readonly type: 'respond'
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      /** A text as it is; anything else as JSON. */
      readonly body?: unknown
    }
  /** Nothing more comes, and the connection stays open. */
  | ({ readonly type: 'stall' } & FaultPosition)
  /**
   * The answer ends too early: "clean" as HTTP ends an answer, "drop" by closing the connection, "reset" by resetting it.
   * Default "clean".
   */
  | ({ readonly type: 'cut'; readonly how?: 'clean' | 'drop' | 'reset' } & FaultPosition)
  /** The body is cut into chunks at these offsets, in bytes; without offsets, into single bytes. */
  | { readonly type: 'split'; readonly offsets?: readonly number[] }
  /** So many bytes at a time (default 1), so many milliseconds apart (default 20). */
  | { readonly type: 'drip'; readonly bytes?: number; readonly everyMs?: number }
  /** A stream ends with an in-band error instead of the next event. */
  | { readonly type: 'error'; readonly message?: string; readonly afterEvents?: number }
  /** The next event's data is half a JSON text; the stream goes on. */
  | { readonly type: 'malformed'; readonly afterEvents?: number }
  /** From then on the whole text begins otherwise: a snapshot that does not extend the last one. */
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
  /** The server goes away, all connections with it, and comes back on the same port; jobs are kept. Default 1000 ms. */
  | { readonly type: 'restart'; readonly downMs?: number }

/** Which calls a fault happens to, and how often. */
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
   * Whether the emulator does what was asked before the fault happens: a submit is accepted although its answer is lost.
   * Default true; false for `respond`.
   */
  readonly handled?: boolean
  /** Several happen to the same call. */
  readonly fault: Fault | readonly Fault[]
}

/** The faults to come. */
export interface Faults {
  /** Adds a rule behind those there are: the first that fits a call and is not used up is the one. Returns how to remove it. */
  add(rule: FaultRule): () => void
  /** Removes every rule. */
  clear(): void
  /** How many rules are not used up. */
  readonly pending: number
}
