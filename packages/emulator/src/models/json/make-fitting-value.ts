// Makes a value for a JSON Schema, as a model with a `response_format` does. Supported are types, `const`, `enum`, bounds,
// sizes, `format`, `pattern` (where a match can be found), nesting, `anyOf`, `oneOf`, `allOf`, `if`/`then` and local `$ref`s,
// recursive ones too. `not` and `dependentSchemas` are ignored.

import { toFields, toList } from '../../json.ts'
import { flattenSchema, toTypes } from './flatten-schema.ts'
import type { Keywords } from './flatten-schema.ts'
import { makeNumber } from './make-number.ts'
import { makeText } from './make-text.ts'

/** From this depth on only required properties are made, so that a recursion ends. */
const deepFrom = 5
/** The greatest depth. A schema that requires itself has no value, and is cut off here. */
const deepest = 30
/** The longest list that is made. */
const maxItems = 1000
/** How many values are tried to find one that the list does not hold yet. */
const maxAttempts = 100

/** Makes a value that fits a schema; the same schema gives the same value. Never throws, whatever the schema. */
export function makeFittingValue(schema: unknown, name = 'value'): unknown {
  return make(schema, { root: schema, name, depth: 0, variant: 0 })
}

interface Place {
  readonly root: unknown
  /** The name of the property, for made-up texts. */
  readonly name: string
  readonly depth: number
  /** Different variants give different values, where there are several. */
  readonly variant: number
}

function make(schema: unknown, place: Place): unknown {
  const { root, name, depth, variant } = place
  const isDeep = depth >= deepFrom
  const node = flattenSchema(schema, { root, isDeep, variant })
  if ('const' in node) return node['const']
  const options = toList(node['enum']).filter((option) => hasType(option, toTypes(node)))
  if (options.length > 0) return options[variant % options.length]
  if (depth > deepest) return null
  switch (typeOf(node, isDeep)) {
    case 'object':
      return makeObject(node, place)
    case 'array':
      return makeList(node, place)
    case 'integer':
      return makeNumber(node, true, variant)
    case 'number':
      return makeNumber(node, false, variant)
    case 'boolean':
      return variant % 2 === 0
    case 'null':
      return null
    default:
      return makeText(node, name, variant)
  }
}

/** The type to make: the first one; `null` only where nothing else is allowed or a recursion must end. */
function typeOf(node: Keywords, isDeep: boolean): unknown {
  const types = toTypes(node)
  if (isDeep && types.includes('null')) return 'null'
  const [type] = types.filter((candidate) => candidate !== 'null')
  if (type !== undefined) return type
  if (types.length > 0) return 'null'
  const [, told] = tellingKeywords.find(([words]) => words.some((word) => word in node)) ?? []
  return told ?? 'string'
}

const tellingKeywords = [
  [['properties', 'required', 'additionalProperties', 'minProperties'], 'object'],
  [['items', 'prefixItems', 'minItems', 'contains'], 'array'],
  [['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'], 'number'],
] as const

function hasType(value: unknown, types: readonly unknown[]): boolean {
  if (types.length === 0) return true
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return types.includes(type) || (Number.isInteger(value) && types.includes('integer'))
}

function makeObject(node: Keywords, place: Place): object {
  const { depth } = place
  const properties = toFields(node['properties'])
  const required = toList(node['required']).map(String)
  const most = toCount(node['maxProperties'], Infinity)
  const optional = Object.keys(properties).filter(
    (name) => depth < deepFrom && !required.includes(name) && properties[name] !== false,
  )
  const names = [...new Set([...required, ...optional])].slice(0, Math.max(most, required.length))
  const least = Math.min(toCount(node['minProperties'], 0), maxItems)
  for (let number = 1; names.length < least; number++) {
    const name = `key${number}`
    if (!names.includes(name)) names.push(name)
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      make(propertySchema(node, properties, name), { ...place, name, depth: depth + 1 }),
    ]),
  )
}

function propertySchema(node: Keywords, properties: Keywords, name: string): unknown {
  if (Object.hasOwn(properties, name)) return properties[name]
  const patterns = Object.entries(toFields(node['patternProperties']))
  const [, fitting] = patterns.find(([pattern]) => matches(pattern, name)) ?? []
  return fitting ?? node['additionalProperties']
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name)
  } catch {
    return false
  }
}

function makeList(node: Keywords, place: Place): readonly unknown[] {
  const { items, contains } = node
  // Drafts before 2020-12 have the list of schemas under `items`.
  const prefix = toList(node['prefixItems'] ?? items)
  const rest = Array.isArray(items) ? node['additionalItems'] : items
  const least = toCount(node['minItems'], 0)
  const most = toCount(node['maxItems'], maxItems)
  const wanted = place.depth >= deepFrom ? least : Math.max(least, prefix.length, usualItems)
  const possible = rest === false ? prefix.length : Infinity
  const containing = contains === undefined ? 0 : toCount(node['minContains'], 1)
  const count = Math.min(Math.max(wanted, containing), most, possible, maxItems)
  const list: unknown[] = []
  const taken = new Set<string>()
  for (let index = 0; index < count; index++) {
    const after =
      prefix.length + containing > index && index >= prefix.length ? contains : undefined
    const schema = index < prefix.length ? prefix[index] : withBoth(rest, after)
    const value = makeItem(schema, place, index, node['uniqueItems'] === true ? taken : undefined)
    if (value === none) break
    list.push(value)
  }
  return list
}

/** The usual length of a list: enough to show that there may be several items. */
const usualItems = 2

/** The result where no further item can be made, because the list holds every value. */
const none = Symbol('none')

function makeItem(
  schema: unknown,
  place: Place,
  index: number,
  taken: Set<string> | undefined,
): unknown {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const value = make(schema, { ...place, depth: place.depth + 1, variant: index + attempt })
    if (!taken) return value
    const text = JSON.stringify(value)
    if (taken.has(text)) continue
    taken.add(text)
    return value
  }
  return none
}

function withBoth(items: unknown, contains: unknown): unknown {
  return contains === undefined ? items : { allOf: [items ?? true, contains] }
}

function toCount(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 ? value : fallback
}
