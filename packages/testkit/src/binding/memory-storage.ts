import type { ChatStorage } from '@fal-llm/core'

/** Keeps in memory what a browser would keep on disk. */
export function createMemoryStorage(): ChatStorage {
  const items = new Map<string, string>()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}
