/** Tells a list from other values. Never throws: a revoked Proxy, for which `Array.isArray` does, is none. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}
