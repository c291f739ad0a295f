// A value from outside has no known type. These two functions are the only place that reads into one.

/** An object whose fields have not been looked at. */
export type Fields = Record<string, unknown>

/** The fields of an object or a function; none of anything else. */
export function toFields(value: unknown): Readonly<Fields> {
  const hasFields = typeof value === 'function' || (typeof value === 'object' && value !== null)
  // Whatever has fields can be read by string keys.
  return hasFields ? (value as Fields) : {}
}

/** Parses JSON whose outermost value is an object and no list. Returns undefined for everything else; never throws. */
export function parseObject(json: string | Uint8Array): Fields | undefined {
  try {
    const text =
      typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json)
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // What JSON.parse makes of an object has unknown values under string keys.
    return value as Fields
  } catch {
    return undefined
  }
}
