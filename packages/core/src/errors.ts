/** Every way a call can fail. The set is closed: `switch` over it without a default. */
export type FalLlmErrorCode =
  | 'aborted'
  | 'auth'
  | 'forbidden'
  | 'not-found'
  | 'invalid-input'
  | 'content-policy'
  | 'context-overflow'
  | 'rate-limited'
  | 'overloaded'
  | 'timeout'
  | 'interrupted'
  | 'network'
  | 'provider'
  | 'cancelled'
  | 'busy'
  | 'unsupported'
  | 'storage'
  | 'unknown'

/** One field that was refused. `path` is written as fal's 422 writes it: "body.temperature". */
export interface InputIssue {
  readonly path: string
  readonly message: string
  /** Pydantic's error type, "less_than_equal". */
  readonly type: string
  /** The figures behind the message, named as Pydantic names them: `{ le: 2 }`. */
  readonly ctx?: Readonly<Record<string, unknown>>
}

/** What is known about a failure besides its code and message. */
export interface FalLlmErrorDetails {
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly endpoint?: string | undefined
  readonly retryable?: boolean
  readonly retryAfterMs?: number | undefined
  readonly maybeSubmitted?: boolean
  readonly issues?: readonly InputIssue[]
  readonly partial?: { readonly text: string; readonly reasoning: string } | undefined
  readonly cause?: unknown
}

/** The one error class. It never carries a key, a header or a prompt. */
export class FalLlmError extends Error {
  // A stack is written while an error is made, and a minifier renames classes: neither may change how it prints.
  static override readonly name: string = 'FalLlmError'
  static {
    this.prototype.name = this.name
  }
  // Declared here and set in the constructor: a page does not carry each name twice.
  declare readonly code: FalLlmErrorCode
  /** HTTP status, where an answer came. */
  declare readonly status: number | undefined
  declare readonly requestId: string | undefined
  declare readonly endpoint: string | undefined
  /** True when the same call may succeed later. */
  declare readonly retryable: boolean
  /** Milliseconds the server asked to wait. */
  declare readonly retryAfterMs: number | undefined
  /** The server may have accepted the job although no answer came: do not resend blindly. */
  declare readonly maybeSubmitted: boolean
  declare readonly issues: readonly InputIssue[]
  /** What had arrived before the failure. */
  declare readonly partial: { readonly text: string; readonly reasoning: string } | undefined

  constructor(code: FalLlmErrorCode, message: string, details: FalLlmErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.status = details.status
    this.requestId = details.requestId
    this.endpoint = details.endpoint
    this.retryable = details.retryable ?? false
    this.retryAfterMs = details.retryAfterMs
    this.maybeSubmitted = details.maybeSubmitted ?? false
    this.issues = details.issues ?? []
    this.partial = details.partial
  }

  /** The same failure with more known about it. Never throws. */
  with(details: FalLlmErrorDetails): FalLlmError {
    const { code, message, stack, cause } = this
    return Object.assign(new FalLlmError(code, message, { ...this, cause, ...details }), { stack })
  }

  /** Safe to log or store: no cause, no partial text. */
  toJSON(): object {
    const { partial: _partial, ...known } = this
    return { ...known, name: this.name, message: this.message }
  }
}

/** Makes a FalLlmError of anything thrown; a FalLlmError passes unchanged. Never throws. */
export function toFalLlmError(thrown: unknown): FalLlmError {
  if (thrown instanceof FalLlmError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new FalLlmError('unknown', message || 'Something failed in silence', {
    cause: thrown,
  })
}
