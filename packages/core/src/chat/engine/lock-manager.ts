/** The Web Locks of a page; undefined elsewhere, where locks reach nobody. Never throws. */
export function lockManager(): LockManager | undefined {
  const { document: page, navigator: agent } = globalThis as Partial<typeof globalThis>
  // Some stand-ins for a page have null.
  return page && (agent?.locks ?? undefined)
}
