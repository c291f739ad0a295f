// What was read meets what was said meanwhile. Nothing said is lost: what the stored copy cannot know is lifted above it.

import { rank } from '../kept.ts'
import type { Entry, Kept, Stamp } from '../kept.ts'
import { mergeEntries, mergeKept } from './merge.ts'

/**
 * Puts what this chat holds together with what was read.
 *
 * @param held The conversation as this chat holds it.
 * @param saved What the storage is known to hold; before its first read `{ ...emptyKept, generation: held.generation }`.
 * @param stored What was read.
 * @param seeds Messages of `held` that count only where nothing is stored.
 */
export function rebase(
  held: Kept,
  saved: Kept,
  stored: Kept,
  seeds: ReadonlySet<string> = new Set(),
): Kept {
  const mine = yieldAnswers(held, saved, stored)
  const isOpening = saved.messages.size === 0 && saved.shown.size === 0 && !saved.title
  const isCleared = mine.generation > saved.generation
  if (isOpening) {
    if (isEmpty(stored) && stored.generation <= mine.generation) return mine
    // A clear made before the read stays one, whatever it finds.
    if (isCleared) {
      return { ...mine, generation: Math.max(mine.generation, stored.generation + 1) }
    }
    return lift(withoutSeeds(mine, seeds), saved, stored)
  }
  if (stored.generation > mine.generation) return lift(mine, saved, stored)
  const merged = mergeKept(mine, stored)
  // This tab goes on showing what it shows; of another tab's choices only those of forks it has none for.
  const shown = addMissing(mine.shown, merged.shown)
  return shown === merged.shown ? merged : sameParts({ ...merged, shown }, mine)
}

/** Of two chats that begin an answer, or go on with one, it is the one whose beginning was stored first. */
function yieldAnswers(mine: Kept, saved: Kept, stored: Kept): Kept {
  let messages: Map<string, Entry> | undefined
  for (const [id, entry] of mine.messages) {
    const { body } = entry
    const theirs = stored.messages.get(id)?.body
    const isWritten = saved.messages.get(id)?.body === body
    if (body.ended || body.job || isWritten) continue
    if (!theirs || theirs.attempt !== body.attempt || theirs.by === body.by) continue
    messages ??= new Map(mine.messages)
    messages.set(id, { ...entry, body: theirs })
  }
  return messages ? { ...mine, messages } : mine
}

function withoutSeeds(mine: Kept, seeds: ReadonlySet<string>): Kept {
  if (seeds.size === 0) return mine
  return { ...mine, messages: new Map([...mine.messages].filter(([id]) => !seeds.has(id))) }
}

/** The stored conversation, and above it what of ours was never stored. */
function lift(mine: Kept, saved: Kept, stored: Kept): Kept {
  const lifted = new Map<string, Entry>()
  const messages = new Map(stored.messages)
  for (const [id, entry] of mine.messages) {
    const known = stored.messages.get(id)
    if (known) messages.set(id, mergeEntries(entry, known))
    else if (!saved.messages.has(id)) lifted.set(id, entry)
  }
  const title = mine.title && mine.title !== saved.title ? mine.title : undefined
  const raise = raiseAbove(stored, lifted, title)
  const leaf = shownPath(stored).at(-1) ?? null
  for (const [id, entry] of lifted) {
    const { parentId } = entry.place
    const hangs = parentId !== null && (stored.messages.has(parentId) || lifted.has(parentId))
    const isFirst = entry.place.rank !== rank.line && !hangs
    messages.set(id, raise.entry(entry, isFirst ? leaf : parentId))
  }
  const shown = new Map(stored.shown)
  for (const [fork, choice] of mine.shown)
    if (lifted.has(fork)) shown.set(fork, raise.stamp(choice))
  const name = title ? raise.stamp(title) : stored.title
  const { generation } = stored
  const result: Kept = { generation, messages, shown, ...(name && { title: name }) }
  return showWhatWasShown(result, mine, lifted)
}

/** What was lifted stays on the screen, if it was there. */
function showWhatWasShown(kept: Kept, mine: Kept, lifted: ReadonlyMap<string, Entry>): Kept {
  const path = shownPath(mine)
  const last = path.findLast((id) => lifted.has(id))
  const place = kept.messages.get(last ?? '')?.place
  if (last === undefined || !place || shownPath(kept).includes(last)) return kept
  const shown = new Map(kept.shown)
  for (const id of path.slice(0, path.indexOf(last) + 1)) {
    const entry = kept.messages.get(id)
    if (entry) shown.set(entry.place.parentId ?? '', { id, at: place.at, by: place.by })
  }
  return { ...kept, shown }
}

interface Raise {
  stamp<S extends Stamp>(register: S): S
  entry(entry: Entry, parentId: string | null): Entry
}

/** Moves stamps and births above everything stored, and keeps the order among them. */
function raiseAbove(
  stored: Kept,
  lifted: ReadonlyMap<string, Entry>,
  title: Stamp | undefined,
): Raise {
  const top = { at: -1, born: -1 }
  for (const stamp of stampsOf(stored)) top.at = Math.max(top.at, stamp.at)
  for (const { place } of stored.messages.values()) top.born = Math.max(top.born, place.born)
  const lowest = { at: title?.at ?? Infinity, born: Infinity }
  for (const { place, body, metadata } of lifted.values()) {
    lowest.at = Math.min(lowest.at, place.at, body.at, metadata?.at ?? Infinity)
    lowest.born = Math.min(lowest.born, place.born)
  }
  const shift = {
    at: Math.max(0, top.at + 1 - lowest.at),
    born: Math.max(0, top.born + 1 - lowest.born),
  }
  const stamp = <S extends Stamp>(register: S): S =>
    shift.at === 0 ? register : { ...register, at: register.at + shift.at }
  return {
    stamp,
    entry(entry, parentId) {
      const { place, body, metadata } = entry
      if (shift.at === 0 && shift.born === 0 && parentId === place.parentId) return entry
      return {
        place: { ...stamp(place), born: place.born + shift.born, parentId },
        body: stamp(body),
        ...(metadata && { metadata: stamp(metadata) }),
      }
    },
  }
}

function* stampsOf(kept: Kept): Generator<Stamp> {
  for (const { place, body, metadata } of kept.messages.values()) {
    yield place
    yield body
    if (metadata) yield metadata
  }
  yield* kept.shown.values()
  if (kept.title) yield kept.title
}

/** The ids a conversation shows, oldest first: each fork's choice, else its newest. */
export function shownPath(kept: Kept): readonly string[] {
  const children = new Map<string, string[]>()
  for (const [id, { place }] of kept.messages) {
    if (place.rank !== rank.tree) continue
    const parent = shownParent(kept, id)
    const siblings = children.get(parent)
    if (siblings) siblings.push(id)
    else children.set(parent, [id])
  }
  const path: string[] = []
  const seen = new Set<string>()
  for (let at: string | undefined = ''; at !== undefined;) {
    const followers: readonly string[] = children.get(at) ?? []
    const wish: string | undefined = kept.shown.get(at)?.id
    at = wish !== undefined && followers.includes(wish) ? wish : newest(kept, followers)
    if (at === undefined || seen.has(at)) break
    seen.add(at)
    path.push(at)
  }
  return path
}

/** The next one above that is in the tree; '' when there is none. */
function shownParent(kept: Kept, id: string): string {
  const seen = new Set<string>()
  let parent = kept.messages.get(id)?.place.parentId ?? null
  while (parent !== null && !seen.has(parent)) {
    const entry = kept.messages.get(parent)
    if (entry?.place.rank === rank.tree) return parent
    seen.add(parent)
    parent = entry?.place.parentId ?? null
  }
  return ''
}

function newest(kept: Kept, ids: readonly string[]): string | undefined {
  const born = (id: string): number => kept.messages.get(id)?.place.born ?? 0
  return [...ids].sort((a, b) => born(a) - born(b) || (a < b ? -1 : 1)).at(-1)
}

function addMissing<T>(
  mine: ReadonlyMap<string, T>,
  merged: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> {
  const missing = [...merged].filter(([key]) => !mine.has(key))
  return missing.length === 0 ? mine : new Map([...mine, ...missing])
}

function sameParts(kept: Kept, mine: Kept): Kept {
  const same =
    kept.messages === mine.messages &&
    kept.shown === mine.shown &&
    kept.title === mine.title &&
    kept.generation === mine.generation
  return same ? mine : kept
}

function isEmpty(kept: Kept): boolean {
  return kept.messages.size === 0 && kept.shown.size === 0 && !kept.title
}
