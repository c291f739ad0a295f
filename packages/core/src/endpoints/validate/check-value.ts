// Checks a value against a SchemaNode the way fal's Pydantic would, and copies what it checks.
// Every property is read once, so what was checked is what is sent, whatever a getter or a Proxy says next time.

import { explainIssue } from './explain-issue.ts'
import { isList } from './is-list.ts'
import { readScalar } from './read-scalar.ts'
import type { JsonType, SchemaNode } from './schema-node.ts'

/** A refused field, as Standard Schema reports it plus Pydantic's error type and figures. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly type: string
  readonly ctx?: Readonly<Record<string, unknown>>
}

/** What a check found. `value` is a copy in the schema's types; it means nothing when there are issues. */
export interface Checked {
  readonly value: unknown
  readonly issues: readonly SchemaIssue[]
}

/**
 * Checks a value: all wrong fields at once, one issue each.
 * Fields the schema does not name are kept as they are; `undefined` and `__proto__` are left out. Never throws.
 */
export function checkValue(schema: SchemaNode, value: unknown): Checked {
  const issues: SchemaIssue[] = []
  return { value: visit(schema, value, [], issues), issues }
}

type Path = SchemaIssue['path']
type Refuse = (type: string, ctx?: SchemaIssue['ctx']) => undefined
/** Checks what the value holds under a name or an index. */
type VisitInner = (schema: SchemaNode, value: unknown, step: string | number) => unknown

/** No request holds as many; without a bound a hollow array of four thousand million would be walked through. */
const maxItems = 100_000

/** Stand for a required property that is not there, and for one that threw when it was read. */
const absent = Symbol('missing')
const unreadable = Symbol('get_attribute_error')

function visit(schema: SchemaNode, value: unknown, path: Path, issues: SchemaIssue[]): unknown {
  const refuse: Refuse = (type, ctx) => {
    const message = explainIssue(type, schema, value, path.at(-1))
    issues.push({ path, message, type, ...(ctx && { ctx }) })
  }
  const inner: VisitInner = (node, held, step) => visit(node, held, [...path, step], issues)

  if (value === absent) return refuse('missing')
  if (value === unreadable) return refuse('get_attribute_error')
  const branch = schema.anyOf?.find((candidate) => hasType(candidate, value))
  if (branch) return visit(branch, value, path, issues)
  // No branch fits: the first one names the error, the whole schema words it.
  const node = schema.anyOf?.[0] ?? schema
  const [type, orNull] = typesOf(node)
  if (type === undefined) return isJson(value) ? value : refuse('value_error')
  if (value === null && orNull) return null
  if (node.enum) return visitEnum(node.enum, value, refuse)
  if (type === 'object') return visitObject(node, value, refuse, inner)
  if (type === 'array') return visitList(node, value, refuse, inner)
  const reading = readScalar[type](value)
  return 'type' in reading ? refuse(reading.type) : visitRange(node, reading.value, refuse)
}

function visitEnum(options: readonly string[], value: unknown, refuse: Refuse): unknown {
  if (options.some((option) => option === value)) return value
  const quoted = options.map((option) => `'${option}'`).join(', ')
  return refuse('literal_error', { expected: quoted.replace(/, (?=[^,]*$)/, ' or ') })
}

function visitRange(schema: SchemaNode, value: unknown, refuse: Refuse): unknown {
  if (typeof value !== 'number') return value
  const { minimum = -Infinity, maximum = Infinity } = schema
  // Negated, so that NaN is refused too.
  if (!(value <= maximum)) return refuse('less_than_equal', { le: maximum })
  if (!(value >= minimum)) return refuse('greater_than_equal', { ge: minimum })
  return Number.isFinite(value) ? value : refuse('finite_number')
}

function visitList(
  { items = {}, minItems = 0 }: SchemaNode,
  value: unknown,
  refuse: Refuse,
  inner: VisitInner,
): unknown {
  if (!isList(value)) return refuse('list_type')
  const length = Number(readProperty(value, 'length'))
  const figures = { field_type: 'List', actual_length: length }
  if (length < minItems) return refuse('too_short', { ...figures, min_length: minItems })
  if (length > maxItems) return refuse('too_long', { ...figures, max_length: maxItems })
  return Array.from({ length }, (_, index) => inner(items, readProperty(value, index), index))
}

function visitObject(
  schema: SchemaNode,
  value: unknown,
  refuse: Refuse,
  inner: VisitInner,
): unknown {
  if (typeof value !== 'object' || value === null || isList(value)) {
    return refuse('model_attributes_type')
  }
  const given = readProperties(value)
  if (!given) return refuse('get_attribute_error')
  const { properties, required = [] } = withConditions(schema, given)
  const fields = new Map(Object.entries(properties ?? {}))
  const names = new Set([...fields.keys(), ...Object.keys(given)])
  const copy: Record<string, unknown> = {}
  for (const name of names) {
    if (name in given) copy[name] = inner(fields.get(name) ?? {}, given[name], name)
    else if (required.includes(name)) inner({}, absent, name)
  }
  return copy
}

/** The schema with the fields that its conditions add for this object. */
function withConditions(schema: SchemaNode, given: object): SchemaNode {
  const { allOf = [] } = schema
  return allOf
    .filter((condition) => checkValue(condition.if, given).issues.length === 0)
    .reduce<SchemaNode>(
      ({ properties, required = [] }, { then }) => ({
        properties: { ...properties, ...then.properties },
        required: [...required, ...(then.required ?? [])],
      }),
      schema,
    )
}

/** Own enumerable properties, as JSON takes them; undefined when the object refuses to list them. */
function readProperties(owner: object): Record<string, unknown> | undefined {
  const given: Record<string, unknown> = Object.create(null)
  try {
    for (const name of Object.keys(owner)) {
      const value = readProperty(owner, name)
      // Copied on, `__proto__` would set a prototype.
      if (value !== undefined && name !== '__proto__') given[name] = value
    }
    return given
  } catch {
    return undefined
  }
}

function readProperty(owner: object, name: string | number): unknown {
  try {
    return Reflect.get(owner, name)
  } catch {
    return unreadable
  }
}

/** Whether a branch of `anyOf` is meant: by JSON's type, without Pydantic's leniency. */
function hasType(schema: SchemaNode, value: unknown): boolean {
  const [type, orNull] = typesOf(schema)
  return value === null ? orNull !== undefined : type === (isList(value) ? 'array' : typeof value)
}

function typesOf({ type }: SchemaNode): readonly [JsonType?, 'null'?] {
  return typeof type === 'string' ? [type] : (type ?? [])
}

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return true
  } catch {
    return false
  }
}
