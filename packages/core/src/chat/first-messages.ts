import { FalLlmError } from '../errors.ts'
import type { ChatOptions } from './chat.ts'
import type { GivenMessage } from './engine/chat-event.ts'
import type { FirstMessages } from './engine/engine.ts'
import { keptOf } from './engine/given-messages.ts'
import { toBody } from './message-input.ts'
import type { MessageInput } from './message-input.ts'
import { fromStoredChat } from './storage/to-stored-chat.ts'

/**
 * Reads what a conversation begins with, as the options say it.
 *
 * @throws FalLlmError `invalid-input` for what cannot be read.
 */
export function firstMessages(
  { from, messages }: ChatOptions,
  createId: () => string,
): FirstMessages | undefined {
  if (from) return { kept: fromStoredChat(from), seeds: new Set() }
  const kept = messages && keptOf(givenMessages(messages, createId))
  return kept && { kept, seeds: new Set(kept.messages.keys()) }
}

/**
 * Reads messages as an app gives them; one without an id gets a new one.
 *
 * @throws FalLlmError `invalid-input` for what is no list of messages.
 */
export function givenMessages(
  messages: readonly MessageInput[],
  createId: () => string,
): readonly GivenMessage[] {
  // A caller without types may give what is no list.
  if (!Array.isArray(messages)) {
    throw new FalLlmError('invalid-input', 'messages: give a list of { role, text }')
  }
  return messages.map((message: MessageInput, index) => {
    const body = toBody(message, `messages[${index}]`, Date.now())
    const { metadata } = message
    return {
      id: message.id ?? createId(),
      entry: { body, ...(metadata !== undefined && { metadata }) },
    }
  })
}
