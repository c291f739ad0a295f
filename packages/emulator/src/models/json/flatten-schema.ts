// Turns a JSON Schema into one node: follows local references, merges `allOf`, takes one branch of `anyOf` and of `oneOf`,
// and `then` of an `if`. The result has only keywords about one value.

import { toFields, toList } from '../../json.ts'
import type { Fields } from '../../json.ts'

/** The keywords of a schema, whatever they hold. */
export type Keywords = Fields

/** What flattening needs besides the node. */
export interface SchemaScope {
  readonly root: unknown
  /** Whether the branch that ends a recursion is preferred. */
  readonly isDeep: boolean
  /** Which of several branches is taken; different ones make different values. */
  readonly variant: number
}

/** How many references in a row are followed: one may lead to itself. */
const maxHops = 32

/** Merges everything that a schema requires of one value into one node. Never throws, whatever the schema. */
export function flattenSchema(schema: unknown, scope: SchemaScope, hops = 0): Keywords {
  const { $ref, allOf, anyOf, oneOf, if: condition, then, else: _else, ...own } = toFields(schema)
  if (hops > maxHops) return own
  const inner = (part: unknown): Keywords => flattenSchema(part, scope, hops + 1)
  const parts = [
    ...(typeof $ref === 'string' ? [inner(findLocal(scope.root, $ref))] : []),
    ...toList(allOf).map(inner),
    ...[anyOf, oneOf].flatMap((branches) => pickBranch(toList(branches), own, scope, inner)),
    // Making the condition hold is the simplest way to fit `if` and `then`.
    ...(condition !== undefined && then !== undefined ? [inner(condition), inner(then)] : []),
  ]
  return parts.reduce(mergeKeywords, own)
}

/** The types a node allows; empty: any. */
export function toTypes({ type }: Keywords): readonly unknown[] {
  return type === undefined ? [] : Array.isArray(type) ? type : [type]
}

function pickBranch(
  branches: readonly unknown[],
  own: Keywords,
  { isDeep, variant }: SchemaScope,
  inner: (part: unknown) => Keywords,
): readonly Keywords[] {
  const wanted = toTypes(own)
  const possible = branches
    .filter((branch) => branch !== false)
    .map(inner)
    .filter((branch) => wanted.length === 0 || overlaps(wanted, toTypes(branch)))
  if (possible.length === 0) return []
  const scalar = isDeep ? possible.find((branch) => !holdsOthers(branch)) : undefined
  const [first] = possible
  return [scalar ?? possible[variant % possible.length] ?? first ?? {}]
}

function overlaps(wanted: readonly unknown[], types: readonly unknown[]): boolean {
  return types.length === 0 || intersectTypes(wanted, types).length > 0
}

function holdsOthers(node: Keywords): boolean {
  return (
    toTypes(node).some((type) => type === 'object' || type === 'array') ||
    'properties' in node ||
    'items' in node
  )
}

/** Follows "#", "#/$defs/name" and "#anchor". */
function findLocal(root: unknown, reference: string): unknown {
  const [, fragment = ''] = /^#(.*)$/.exec(reference) ?? []
  if (!reference.startsWith('#')) return {}
  if (fragment !== '' && !fragment.startsWith('/')) return findAnchor(root, fragment)
  const steps = fragment.split('/').slice(1).map(readStep)
  return steps.reduce<unknown>(
    (node, step) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, step)
        ? Reflect.get(node, step)
        : undefined,
    root,
  )
}

function readStep(step: string): string {
  const unescaped = step.replaceAll('~1', '/').replaceAll('~0', '~')
  try {
    return decodeURIComponent(unescaped)
  } catch {
    return unescaped
  }
}

function findAnchor(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined
  if (toFields(node)['$anchor'] === name) return node
  for (const inner of Object.values(node)) {
    const found = findAnchor(inner, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Merges two nodes about the same value: of each keyword the narrower one. */
function mergeKeywords(left: Keywords, right: Keywords): Keywords {
  const merged: Record<string, unknown> = { ...left }
  for (const [name, value] of Object.entries(right)) {
    const merge = Object.hasOwn(mergers, name) ? mergers[name] : undefined
    merged[name] = Object.hasOwn(left, name) && merge ? merge(left[name], value) : value
  }
  return merged
}

type Merge = (left: unknown, right: unknown) => unknown

const larger: Merge = (left, right) => Math.max(Number(left), Number(right))
const smaller: Merge = (left, right) => Math.min(Number(left), Number(right))
const both: Merge = (left, right) => ({ allOf: [left, right] })
const union: Merge = (left, right) => [...new Set([...toList(left), ...toList(right)])]

const mergers: Readonly<Record<string, Merge>> = {
  type: (left, right) => intersectTypes(toTypes({ type: left }), toTypes({ type: right })),
  enum: (left, right) => {
    const texts = new Set(toList(right).map((option) => JSON.stringify(option)))
    return toList(left).filter((option) => texts.has(JSON.stringify(option)))
  },
  required: union,
  properties: (left, right) => {
    const merged: Record<string, unknown> = { ...toFields(left) }
    for (const [name, schema] of Object.entries(toFields(right))) {
      merged[name] = Object.hasOwn(merged, name) ? both(merged[name], schema) : schema
    }
    return merged
  },
  items: both,
  contains: both,
  additionalProperties: (left, right) =>
    left === false || right === false ? false : both(left, right),
  minimum: larger,
  exclusiveMinimum: larger,
  minLength: larger,
  minItems: larger,
  minProperties: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  maxProperties: smaller,
  multipleOf: (left, right) => leastCommonMultiple(Number(left), Number(right)),
  uniqueItems: (left, right) => left === true || right === true,
}

/** The types in both lists; an integer is also a number. */
function intersectTypes(left: readonly unknown[], right: readonly unknown[]): readonly unknown[] {
  const narrow = (types: readonly unknown[], others: readonly unknown[]): readonly unknown[] =>
    types.filter(
      (type) => others.includes(type) || (type === 'integer' && others.includes('number')),
    )
  return [...new Set([...narrow(left, right), ...narrow(right, left)])]
}

function leastCommonMultiple(left: number, right: number): number {
  // Scaled, because tenths and hundredths have a common multiple only as whole numbers.
  const scale = 1e6
  const divisor = (whole: number, rest: number): number =>
    rest === 0 ? whole : divisor(rest, whole % rest)
  const [a, b] = [Math.round(left * scale), Math.round(right * scale)]
  return a > 0 && b > 0 ? (a * b) / divisor(a, b) / scale : left
}
