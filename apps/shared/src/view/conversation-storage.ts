import type { ChatStorage } from '@fal-llm/core'

/** A chat's storage that can forget a conversation for good. */
export interface ConversationStorage {
  /** For `useFalChat({ storage })`. What is forgotten is not written again, though an answer may still be running. */
  readonly storage: ChatStorage
  /** Deletes a conversation. Never rejects: a storage that fails keeps it, unlisted. */
  forget(id: string): Promise<void>
  /** A forgotten id is used again. */
  remember(id: string): void
}

/** The key under which @fal-llm/core keeps a conversation. */
const keyOf = (id: string): string => `fal-llm:chat:${id}`

/** Puts the forgetting before a storage. */
export function createConversationStorage(storage: ChatStorage): ConversationStorage {
  const forgotten = new Set<string>()
  return {
    storage: {
      getItem: (key) => storage.getItem(key),
      setItem: (key, value) => (forgotten.has(key) ? undefined : storage.setItem(key, value)),
      removeItem: (key) => storage.removeItem(key),
    },
    async forget(id) {
      forgotten.add(keyOf(id))
      try {
        await storage.removeItem(keyOf(id))
      } catch {
        // Nothing lists it any more; it only takes room.
      }
    },
    remember: (id) => void forgotten.delete(keyOf(id)),
  }
}
