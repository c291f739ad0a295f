// Copies of one conversation become one. A register is written whole, and the greater stamp wins; so merging is
// associative, commutative and idempotent, and an older copy undoes no step.

import type { Body, Entry, Kept, Metadata, Place, Stamp } from '../kept.ts'

/** Orders two copies of a place: below 0 when `right` is later. */
export function comparePlaces(left: Place, right: Place): number {
  return left.rank - right.rank || compareStamps(left, right)
}

/** Orders two copies of a body: below 0 when `right` is later. */
export function compareBodies(left: Body, right: Body): number {
  return (
    left.attempt - right.attempt ||
    Number(left.ended) - Number(right.ended) ||
    compareStamps(left, right)
  )
}

/** Orders two stamps: below 0 when `right` is later. */
export function compareStamps(left: Stamp, right: Stamp): number {
  if (left.at !== right.at) return left.at - right.at
  return left.by === right.by ? 0 : left.by < right.by ? -1 : 1
}

/** Merges two copies of a message; `left` itself when `right` knows nothing newer. */
export function mergeEntries(left: Entry, right: Entry): Entry {
  if (left === right) return left
  const place = comparePlaces(left.place, right.place) < 0 ? right.place : left.place
  const body = compareBodies(left.body, right.body) < 0 ? right.body : left.body
  const metadata = later<Metadata>(left.metadata, right.metadata)
  if (place === left.place && body === left.body && metadata === left.metadata) return left
  return { place, body, ...(metadata && { metadata }) }
}

/** Merges copies of a conversation; `left` itself when the others know nothing newer. */
export function mergeKept(left: Kept, ...others: readonly Kept[]): Kept {
  let kept = left
  for (const other of others) {
    if (other.generation > kept.generation) kept = other
  }
  const equals = others.filter((other) => other !== kept && other.generation === kept.generation)
  // When a later copy has the greatest generation, an earlier one may have it too.
  if (kept !== left && left.generation === kept.generation) equals.push(left)
  if (equals.length === 0) return kept
  const messages = mergeMaps(
    kept.messages,
    equals.map((copy) => copy.messages),
    mergeEntries,
  )
  const shown = mergeMaps(
    kept.shown,
    equals.map((copy) => copy.shown),
    laterOf,
  )
  const title = equals.reduce((newest, copy) => later(newest, copy.title), kept.title)
  if (messages === kept.messages && shown === kept.shown && title === kept.title) return kept
  return { generation: kept.generation, messages, shown, ...(title && { title }) }
}

function later<S extends Stamp>(left: S | undefined, right: S | undefined): S | undefined {
  return left && right ? laterOf(left, right) : (left ?? right)
}

function laterOf<S extends Stamp>(left: S, right: S): S {
  return compareStamps(left, right) < 0 ? right : left
}

/** Copied at most once, however many maps are merged: a conversation of many parts opens in one pass. */
function mergeMaps<T>(
  left: ReadonlyMap<string, T>,
  others: readonly ReadonlyMap<string, T>[],
  merge: (left: T, right: T) => T,
): ReadonlyMap<string, T> {
  let copy: Map<string, T> | undefined
  for (const other of others) {
    for (const [key, theirs] of other) {
      const ours = (copy ?? left).get(key)
      const merged = ours === undefined ? theirs : merge(ours, theirs)
      if (merged !== ours) copy = (copy ?? new Map(left)).set(key, merged)
    }
  }
  return copy ?? left
}
