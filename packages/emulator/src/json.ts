// A value from outside has no known type. These functions are the only place that reads into one.

/** A body that was read as JSON, or why it could not be. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly position: number }

/** Parses a body as JSON. Never throws; `position` is where reading stopped, 0 where that is not known. */
export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    const [, position = '0'] = /position (\d+)/.exec(String(error)) ?? []
    return { ok: false, position: Number(position) }
  }
}

/** An object whose fields have not been looked at. */
export type Fields = Readonly<Record<string, unknown>>

/** The fields of an object; none of a list or of anything else. */
export function toFields(value: unknown): Fields {
  const hasFields = typeof value === 'object' && value !== null && !Array.isArray(value)
  // Any object can be read by string keys.
  return hasFields ? (value as Fields) : {}
}

/** Parses JSON whose outermost value is an object and no list. Returns undefined for everything else; never throws. */
export function parseObject(text: string): Fields | undefined {
  const parsed = parseJson(text)
  const isObject = parsed.ok && typeof parsed.value === 'object' && !Array.isArray(parsed.value)
  return isObject && parsed.value !== null ? toFields(parsed.value) : undefined
}

/** The items of a list; none of anything else. */
export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A text as it is; an empty one for anything else. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
