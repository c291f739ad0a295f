import { createStore, del, get, set } from 'idb-keyval'
import type { ChatStorage } from './persistence.ts'

/** Keeps conversations in the browser's IndexedDB. Opens it on first use; `name` is the database's. Default "fal-llm". */
export function indexedDbStorage(options: { readonly name?: string } = {}): ChatStorage {
  let opened: ReturnType<typeof createStore> | undefined
  const store = (): ReturnType<typeof createStore> =>
    (opened ??= createStore(options.name ?? 'fal-llm', 'chats'))
  return {
    getItem: (key) => get(key, store()),
    setItem: (key, value) => set(key, value, store()),
    removeItem: (key) => del(key, store()),
  }
}
