import type { ChatStorage } from '@fal-llm/core'

/** A storage that the test can close. */
export interface MemoryStorage extends ChatStorage {
  /** While it is set: reads wait for it. */
  gate: Promise<unknown> | undefined
  /** While it is true: writes throw. */
  isFull: boolean
}

/** Keeps in memory what a browser would keep on disk. */
export function createMemoryStorage(): MemoryStorage {
  const items = new Map<string, string>()
  const storage: MemoryStorage = {
    gate: undefined,
    isFull: false,
    getItem(key) {
      const read = (): string | null => items.get(key) ?? null
      return storage.gate ? storage.gate.then(read) : read()
    },
    setItem(key, value) {
      if (storage.isFull) throw new Error('full')
      items.set(key, value)
    },
    removeItem: (key) => void items.delete(key),
  }
  return storage
}
