import type { ChatMessage, ChatState } from '../state.ts'

const indexes = new WeakMap<readonly ChatMessage[], ReadonlyMap<string, ChatMessage>>()

/** Finds a visible message by id. A screen of many rows pays for one index per snapshot, not one search per row. */
export function selectMessage<Metadata>(
  state: ChatState<Metadata>,
  messageId: string,
): ChatMessage<Metadata> | undefined {
  let index = indexes.get(state.messages)
  if (!index) {
    index = new Map(state.messages.map((message) => [message.id, message]))
    indexes.set(state.messages, index)
  }
  // The index was made of this very array, whose messages have this metadata.
  return index.get(messageId) as ChatMessage<Metadata> | undefined
}
