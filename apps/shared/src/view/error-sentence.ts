import type { FalLlmError, FalLlmErrorCode } from '@fal-llm/core'

const sentences: Readonly<Record<FalLlmErrorCode, string>> = {
  aborted: 'The answer was stopped.',
  auth: 'fal did not accept the key.',
  forbidden: 'This key may not use this model.',
  'not-found': 'fal does not know this model.',
  'invalid-input': 'fal did not accept the request.',
  'content-policy': 'The provider declined to answer this.',
  'context-overflow': 'The conversation is too long for this model.',
  'rate-limited': 'Too many requests. Wait a moment, then retry.',
  overloaded: 'The model is overloaded. Retry in a moment.',
  timeout: 'The model took too long to answer.',
  interrupted: 'The connection broke before the answer was complete.',
  network: 'fal cannot be reached. Check the connection.',
  provider: 'The provider could not finish the answer.',
  cancelled: 'The request was cancelled.',
  busy: 'Another answer is still being written.',
  unsupported: 'This endpoint cannot do that.',
  storage: 'The conversation could not be saved.',
  unknown: 'Something went wrong.',
}

/** A failure in one plain sentence. What the server said is in the error's own `message`. Never throws. */
export function toErrorSentence(error: FalLlmError): string {
  return sentences[error.code]
}
