/** Why a webhook call was not accepted. `keys-unavailable` says nothing about the call: it could not be checked. */
export type FalWebhookErrorCode =
  | 'missing-header'
  | 'malformed'
  | 'stale'
  | 'forged'
  | 'keys-unavailable'

/** A webhook call that was not accepted. It carries no header and no body. */
export class FalWebhookError extends Error {
  override readonly name: string = 'FalWebhookError'
  readonly code: FalWebhookErrorCode

  constructor(code: FalWebhookErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
