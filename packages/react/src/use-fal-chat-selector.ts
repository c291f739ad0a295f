import type { Chat, ChatState } from '@fal-llm/core'
import { useRef, useSyncExternalStore } from 'react'

/** Reads a piece of a chat's state. Re-renders only when the piece changes, by `isEqual` (default `Object.is`). */
export function useFalChatSelector<Metadata, Selected>(
  chat: Chat<Metadata>,
  selector: (state: ChatState<Metadata>) => Selected,
  isEqual: (left: Selected, right: Selected) => boolean = Object.is,
): Selected {
  const last = useRef<{ readonly value: Selected } | undefined>(undefined)
  const select = (state: ChatState<Metadata>): Selected => {
    const value = selector(state)
    // React asks for the value until it is the same twice; an equal new object would never be.
    if (!last.current || !isEqual(last.current.value, value)) last.current = { value }
    return last.current.value
  }
  return useSyncExternalStore(
    chat.subscribe,
    () => select(chat.getState()),
    () => select(chat.getServerState()),
  )
}
