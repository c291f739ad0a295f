import { isList } from './is-list.ts'
import { nearest } from './nearest.ts'
import type { JsonType, SchemaNode } from './schema-node.ts'

/**
 * Says in words what a field must be instead.
 * It names the kind of value that was given, never a text: prompts stay out of errors.
 *
 * @param type Pydantic's error type.
 * @param name The field's, for "one of 26 models".
 */
export function explainIssue(
  type: string,
  schema: SchemaNode,
  value: unknown,
  name: string | number = 'value',
): string {
  switch (type) {
    case 'missing':
      return 'is required'
    case 'get_attribute_error':
      return 'could not be read: its getter threw'
    case 'value_error':
      return 'cannot be sent as JSON: it is circular, too deep or holds a BigInt'
    case 'literal_error':
      return `must be ${describeOptions(schema, value, name)}`
    case 'less_than_equal':
    case 'greater_than_equal':
      return `must be ${describeRange(schema)}`
    case 'too_short':
      return `must have ${schema.minItems} or more items`
    case 'too_long':
      return 'must have fewer items'
    default:
      return `must be ${describeSchema(schema)}, not ${describeValue(value)}`
  }
}

const nouns: Readonly<Record<JsonType, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function describeSchema(schema: SchemaNode): string {
  if (schema.anyOf) return schema.anyOf.map(describeSchema).join(' or ')
  const type = typeof schema.type === 'object' ? schema.type[0] : (schema.type ?? 'object')
  const range = describeRange(schema)
  return nouns[type] + (range && ` (${range})`)
}

function describeRange({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return ''
  return maximum === undefined ? `at least ${minimum}` : `between ${minimum} and ${maximum}`
}

function describeOptions(schema: SchemaNode, value: unknown, name: string | number): string {
  const options = schema.enum ?? []
  if (options.length < 7) return options.map((option) => `"${option}"`).join(' or ')
  const similar = nearest(value, options)
  const hint = similar === undefined ? '' : `; nearest is "${similar}"`
  return `one of ${options.length} ${name}s, for example "${schema.default ?? options[0]}"${hint}`
}

function describeValue(value: unknown): string {
  if (value === null || typeof value === 'number') return String(value)
  if (isList(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
