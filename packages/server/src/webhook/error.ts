/**
 * Why a webhook call was not accepted. `keys-unavailable`, `claims-unavailable` and `overloaded` say nothing about the
 * call: it could not be checked, or not be taken, now.
 */
export type FalWebhookErrorCode =
  | 'missing-header'
  | 'malformed'
  | 'too-large'
  | 'too-slow'
  | 'stale'
  | 'forged'
  | 'foreign-account'
  | 'keys-unavailable'
  | 'claims-unavailable'
  | 'overloaded'

/** A webhook call that was not accepted. It carries no header and no body. */
export class FalWebhookError extends Error {
  override readonly name: string = 'FalWebhookError'
  readonly code: FalWebhookErrorCode

  constructor(code: FalWebhookErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
