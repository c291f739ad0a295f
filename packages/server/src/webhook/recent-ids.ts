/** A bounded memory of ids. */
export interface RecentIds {
  /** Whether the id was added and is not forgotten. */
  has(id: string): boolean
  /** Adds an id; over the limit the oldest is forgotten. */
  add(id: string): void
}

/** Creates an empty memory for at most `limit` ids. */
export function createRecentIds(limit: number): RecentIds {
  const ids = new Set<string>()
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id)
      const [oldest] = ids
      if (ids.size > limit && oldest !== undefined) ids.delete(oldest)
    },
  }
}
