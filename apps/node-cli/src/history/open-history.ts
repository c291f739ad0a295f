import { setImmediate } from 'node:timers/promises'
import type { ChatStorage } from '@fal-llm/core'
import { createStorage } from 'unstorage'
import { createFileDriver } from './file-driver.ts'

/** Conversations on disk. */
export interface History {
  /** For `createFalChat`. */
  readonly storage: ChatStorage
  /** The conversation that was spoken in last; undefined when there is none, or none that can be read. */
  lastId(): Promise<string | undefined>
  /** Makes a conversation the last one. */
  remember(chatId: string): Promise<void>
  /** Resolves when everything is written. */
  settled(): Promise<void>
}

const lastKey = 'fal-chat:last'

/** Opens the conversations in a folder; it is made with the first one that is kept. */
export function openHistory(folder: string): History {
  const files = createStorage({ driver: createFileDriver(folder) })
  const pending = new Set<Promise<unknown>>()
  const track = <T>(writing: Promise<T>): Promise<T> => {
    pending.add(writing)
    const forget = (): void => void pending.delete(writing)
    writing.then(forget, forget)
    return writing
  }
  const storage: ChatStorage = {
    getItem: (key) => files.getItem(key),
    setItem: (key, value) => track(files.setItem(key, value)),
    removeItem: (key) => track(files.removeItem(key)),
  }
  return {
    storage,
    async lastId() {
      const id = await files.getItem(lastKey).catch(() => undefined)
      // It becomes part of a path.
      return typeof id === 'string' && /^[\w-]+$/.test(id) ? id : undefined
    },
    remember: (chatId) => track(files.setItem(lastKey, chatId)),
    async settled() {
      do {
        await Promise.allSettled(pending)
        // Whoever waited for a write may begin the next one now.
        await setImmediate()
      } while (pending.size > 0)
    },
  }
}
