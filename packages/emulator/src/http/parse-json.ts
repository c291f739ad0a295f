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
