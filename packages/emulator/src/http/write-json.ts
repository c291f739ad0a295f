/**
 * Writes a plain JSON value with a space after each comma and colon, as Python's `json.dumps` does. A client that compares
 * texts instead of values fails on it.
 *
 * @param asciiOnly Escapes everything but ASCII, as `json.dumps` does by default. Default false.
 * @source fal docs, "HTTP over WebSockets": events with such spaces
 */
export function writeJson(value: unknown, asciiOnly = false): string {
  const json = write(value)
  return asciiOnly ? json.replace(/[\u0080-\uffff]/g, escapeUnit) : json
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}: ${write(field)}`)
  return `{${fields.join(', ')}}`
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
