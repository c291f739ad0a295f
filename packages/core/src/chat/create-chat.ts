// A chat shows one conversation of several. Options, the published store and the conversations meet here, and only here.

import type { EndpointId } from '../endpoints/index.ts'
import { createStore, schedulerOf } from '../store.ts'
import type { Chat, ChatOptions } from './chat.ts'
import { createConversations } from './conversations.ts'
import { createCommands } from './create-commands.ts'
import { onPageReturn } from './owner/on-page-return.ts'
import { toStoredChat } from './storage/to-stored-chat.ts'

/**
 * Holds a conversation over a client. Nothing is read or sent before the first subscriber or command.
 *
 * @throws FalLlmError `invalid-input` for `messages` or a `from` that cannot be read.
 */
export function createChat<M = unknown>(initial: ChatOptions<EndpointId, M> = {}): Chat<M> {
  // The caller names the type of its own metadata; inside, it is passed on as it is.
  let options = initial as ChatOptions
  const chats = createConversations(
    () => options,
    (soon) => (soon ? store.touch() : store.publish()),
  )
  const store = createStore(chats.state, () => schedulerOf(options.flush))
  const serverState = store.getState()

  let stopListening: (() => void) | undefined
  /** The subscribers; without one, the return of the page reads nothing. */
  const readers = new Set<object>()
  const startLooking = (): void => {
    if (!options.storage) return
    stopListening ??= onPageReturn({
      onReturn: () => chats.current.lookAt({ again: true }),
      onLeave: () => chats.current.flush(),
    })
    chats.current.lookAt()
  }

  const chat: Chat & { id: string } = {
    ...createCommands(chats),
    id: chats.current.value().id,
    getState: store.getState,
    getServerState: () => serverState,
    subscribe(listener) {
      const unsubscribe = store.subscribe(listener)
      const reader = {}
      readers.add(reader)
      if (readers.size === 1) startLooking()
      return () => {
        unsubscribe()
        readers.delete(reader)
        if (readers.size > 0) return
        stopListening?.()
        stopListening = undefined
      }
    },
    setOptions(patch) {
      const before = options
      options = {
        ...options,
        ...patch,
        ...(patch.llm === undefined && options.llm && { llm: options.llm }),
      }
      const { id, storage } = options
      const moves = id !== undefined && id !== chats.current.value().id
      if (moves) chats.show(id, patch)
      chat.id = chats.current.value().id
      const storageChanged = storage !== before.storage
      for (const engine of chats.engines.values()) engine.follow(storageChanged)
      if ((moves || storageChanged) && readers.size > 0) startLooking()
      // Nothing else of the options is in the state: text that waits for its frame goes on waiting.
      if (moves || options.whenBusy !== before.whenBusy || storageChanged) store.publish()
    },
    toJSON: () => toStoredChat(chats.current.kept()),
    async destroy() {
      stopListening?.()
      const closing = [...chats.engines.values()].map((engine) => engine.close())
      store.destroy()
      await Promise.all(closing)
    },
  }
  // The caller names the type of its own metadata.
  return chat as Chat<M>
}
