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
  override readonly name: string = 'FalLlmError'
  readonly code: FalLlmErrorCode
  /** HTTP status, where an answer came. */
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly endpoint: string | undefined
  /** True when the same call may succeed later. */
  readonly retryable: boolean
  /** Milliseconds the server asked to wait. */
  readonly retryAfterMs: number | undefined
  /** The server may have accepted the job although no answer came: do not resend blindly. */
  readonly maybeSubmitted: boolean
  readonly issues: readonly InputIssue[]
  /** What had arrived before the failure. */
  readonly partial: { readonly text: string; readonly reasoning: string } | undefined

  constructor(code: FalLlmErrorCode, message: string, details: FalLlmErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
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
    const error = new FalLlmError(this.code, this.message, {
      ...this,
      cause: this.cause,
      ...details,
    })
    if (this.stack !== undefined) error.stack = this.stack
    return error
  }

  /** Safe to log or store: no cause, no partial text. */
  toJSON(): object {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      status: this.status,
      requestId: this.requestId,
      endpoint: this.endpoint,
      retryable: this.retryable,
      retryAfterMs: this.retryAfterMs,
      maybeSubmitted: this.maybeSubmitted,
      issues: this.issues,
    }
  }
}

/** Makes a FalLlmError of anything thrown; a FalLlmError passes unchanged. Never throws. */
export function toFalLlmError(thrown: unknown): FalLlmError {
  if (thrown instanceof FalLlmError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new FalLlmError('unknown', message || 'Something failed without saying what', {
    cause: thrown,
  })
}
