import { FalLlmError } from '../../errors.ts'
import type { ChatMessage, MessagePart } from '../state.ts'
import type { Body, Entry } from '../kept.ts'

/** Why an answer that nobody writes any more has no ending. */
const cutOff = new FalLlmError(
  'interrupted',
  'The answer was cut off when its page or process was closed. Retry to ask again; fal may have charged for it',
  { retryable: true, maybeSubmitted: true },
)

/**
 * Makes the message that a screen shows. An answer without an ending shows as interrupted, which is derived and never
 * stored: whoever writes it lays what it says over this. With a job it is no failure, for fal will still say it.
 */
export function toMessage(
  id: string,
  { body, metadata }: Entry,
  parentId: string | null,
  branch: ChatMessage['branch'],
): ChatMessage {
  const { ended, ...rest } = body
  const said = shownFields(rest)
  return {
    id,
    ...said,
    ...wordsOf(said.parts),
    status: ended ? said.status : 'interrupted',
    error: ended || said.job ? said.error : cutOff,
    parentId,
    branch,
    ...(metadata?.value !== undefined && { metadata: metadata.value }),
  }
}

/** What of a body a screen is shown: the rest is the engine's own. */
export function shownFields<B extends Omit<Body, 'ended'>>(body: B): ShownFields<B> {
  const {
    at: _,
    by: __,
    attempt: ___,
    asked: ____,
    answerId: _____,
    cancel: ______,
    ...said
  } = body
  return said
}

type ShownFields<B> = Omit<B, 'at' | 'by' | 'attempt' | 'asked' | 'answerId' | 'cancel'>

/** The words of a message's parts. */
export function wordsOf(
  parts: readonly MessagePart[],
): Pick<ChatMessage, 'parts' | 'text' | 'reasoning'> {
  let text = ''
  let reasoning = ''
  for (const part of parts) {
    if (part.type === 'text') text += part.text
    if (part.type === 'reasoning') reasoning += part.text
  }
  return { parts, text, reasoning }
}

/** The parts of an answer: reasoning first, as it was thought first. */
export function answerParts(text: string, reasoning: string): readonly MessagePart[] {
  const parts: MessagePart[] = []
  if (reasoning) parts.push({ type: 'reasoning', text: reasoning })
  if (text) parts.push({ type: 'text', text })
  return parts
}
