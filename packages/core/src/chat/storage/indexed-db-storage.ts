import { createStore, del, get, keys, promisifyRequest, set } from 'idb-keyval'
import type { UseStore } from 'idb-keyval'
import type { ChatStorage } from './chat-storage.ts'

/** A text with the number of its writing. What version 1, or `setItem`, has put there is a text alone. */
interface NumberedText {
  readonly value: string
  readonly number: number
}

/**
 * Keeps conversations in the browser's IndexedDB, files that wait for their upload included. Two pages that write one
 * conversation lose nothing. Opens it on first use; `name` is the database's, default "fal-llm"; files have their own.
 */
export function indexedDbStorage(options: { readonly name?: string } = {}): ChatStorage {
  const { name = 'fal-llm' } = options
  const texts = openLater(name, 'chats')
  const files = openLater(`${name}-files`, 'files')
  return {
    getItem: async (key) => valueOf(await get(key, texts())),
    setItem: (key, value) => set(key, value, texts()),
    removeItem: (key) => del(key, texts()),
    keys: () => keys(texts()),
    blobs: {
      get: (key) => get<Blob>(key, files()),
      set: (key, blob) => set(key, blob, files()),
      remove: (key) => del(key, files()),
    },
    compareAndSet: (key, expected, value) =>
      // One transaction: nobody writes between the look and the writing.
      texts()('readwrite', async (store) => {
        const stored: unknown = await promisifyRequest(store.get(key))
        if (numberOf(stored) !== expected) return false
        const next: NumberedText = { value, number: expected + 1 }
        store.put(next, key)
        await promisifyRequest(store.transaction)
        return true
      }),
  }
}

function openLater(database: string, store: string): () => UseStore {
  let opened: UseStore | undefined
  return () => (opened ??= createStore(database, store))
}

function isNumbered(stored: unknown): stored is NumberedText {
  return typeof stored === 'object' && stored !== null && 'value' in stored && 'number' in stored
}

function valueOf(stored: unknown): unknown {
  return isNumbered(stored) ? stored.value : stored
}

function numberOf(stored: unknown): number {
  return isNumbered(stored) ? stored.number : 0
}
