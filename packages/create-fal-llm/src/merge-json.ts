type JsonObject = Readonly<Record<string, unknown>>

/** What npm sorts in a package.json. */
const sortedFields = ['scripts', 'dependencies', 'devDependencies']

/**
 * Lays parts of a JSON file one over the other: objects are merged, of everything else the later one wins.
 *
 * @throws SyntaxError for a part that is no JSON object.
 */
export function mergeJson(parts: readonly string[]): string {
  const merged = parts.map(parseObject).reduce(merge, {})
  const sorted = sortedFields.map((field) => [field, merged[field]] as const)
  const sections = sorted.flatMap(([field, value]) =>
    isObject(value) ? [[field, sortKeys(value)]] : [],
  )
  return `${JSON.stringify({ ...merged, ...Object.fromEntries(sections) }, null, 2)}\n`
}

function merge(known: JsonObject, more: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...known }
  for (const [name, value] of Object.entries(more)) {
    const before = merged[name]
    merged[name] = isObject(before) && isObject(value) ? merge(before, value) : value
  }
  return merged
}

function parseObject(part: string): JsonObject {
  const value: unknown = JSON.parse(part)
  if (isObject(value)) return value
  throw new SyntaxError('Only JSON objects can be merged')
}

function sortKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
