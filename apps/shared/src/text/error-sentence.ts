import type { FalLlmError, FalLlmErrorCode } from '@fal-llm/core'

/** What went wrong, and what to do about it. */
const sentences: Readonly<Record<FalLlmErrorCode, readonly [what: string, advice: string]>> = {
  aborted: ['The answer was stopped.', 'Regenerate to ask again.'],
  auth: [
    'fal did not accept the key.',
    'Set FAL_KEY on the server to a key that works, then retry.',
  ],
  forbidden: [
    'This key may not use this model.',
    'Choose another model, or check the balance at fal.',
  ],
  'not-found': ['fal does not know this model.', 'Choose another model or endpoint.'],
  'invalid-input': [
    'fal did not accept the request.',
    'Unfold this for the field it names, and edit the message.',
  ],
  'content-policy': [
    'The provider declined to answer this.',
    'Edit the message, or choose another model.',
  ],
  'context-overflow': [
    'The conversation is too long for this model.',
    'Start a new chat, or choose a model that reads more.',
  ],
  'rate-limited': ['Too many requests.', 'Wait a moment, then retry.'],
  overloaded: ['The model is overloaded.', 'Retry in a moment, or choose another model.'],
  timeout: ['The model took too long to answer.', 'Retry; for long work, switch Durable on.'],
  interrupted: [
    'The connection broke before the answer was complete.',
    'Retry for a whole one; what came is kept.',
  ],
  network: ['fal cannot be reached.', 'Check the connection, then retry.'],
  provider: ['The provider could not finish the answer.', 'Retry, or choose another model.'],
  cancelled: ['The request was cancelled.', 'Send it again if you still want an answer.'],
  busy: ['Another answer is still being written.', 'Wait for it, or stop it.'],
  unsupported: ['This endpoint cannot do that.', 'Choose another endpoint.'],
  storage: [
    'The conversation could not be saved.',
    'Free some space in this browser; copy what must not be lost.',
  ],
  unknown: ['Something went wrong.', 'Retry; unfold this for what was said.'],
}

/** A failure and what to do about it, in plain sentences. The server's own message is in the error's `message`. */
export function toErrorSentence({ code, retryAfterMs, maybeSubmitted }: FalLlmError): string {
  const [what, advice] = sentences[code]
  // Only an ambiguous failure says so; resending may then cost twice.
  if (maybeSubmitted)
    return `${what} fal may be working on it all the same: a retry may cost twice.`
  if (retryAfterMs !== undefined && retryAfterMs > 0) {
    return `${what} Retry in ${toWait(retryAfterMs)}.`
  }
  return `${what} ${advice}`
}

function toWait(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000)
  if (seconds === 1) return 'a second'
  return seconds <= 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}
