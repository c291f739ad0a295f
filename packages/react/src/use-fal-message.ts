import { selectMessage } from '@fal-llm/core/binding'
import type { Chat, ChatMessage } from '@fal-llm/core'
import { useSyncExternalStore } from 'react'

/** One message of a chat. Re-renders only when that message changes. */
export function useFalMessage<Metadata>(
  chat: Chat<Metadata>,
  messageId: string,
): ChatMessage<Metadata> | undefined {
  return useSyncExternalStore(
    chat.subscribe,
    () => selectMessage(chat.getState(), messageId),
    () => selectMessage(chat.getServerState(), messageId),
  )
}
