/**
 * Why a webhook call was not accepted. After `keys-unavailable`, `claims-unavailable` and `overloaded` nothing is known of
 * the call: it could not be checked or handled now.
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

/** A webhook call that was not accepted. The error holds no header and no body of the call. */
export class FalWebhookError extends Error {
  override readonly name: string = 'FalWebhookError'
  readonly code: FalWebhookErrorCode

  constructor(code: FalWebhookErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
