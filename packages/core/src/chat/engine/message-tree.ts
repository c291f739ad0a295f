// The tree of branches, derived from the registers. A message hangs under the one it follows; siblings are versions of
// the same turn in the order of their birth, and of each group one is chosen. The visible path follows the chosen ones.
//
// Whatever the registers say, there is a tree: a removed or unknown parent is skipped to the next one above, a cycle is
// cut at its oldest, and a fork without a valid wish shows its newest.

import type { ChatMessage } from '../state.ts'
import { rank } from '../kept.ts'
import type { Entry, Kept } from '../kept.ts'
import { toMessage } from './to-message.ts'

/** A conversation with all its branches. */
export interface MessageTree {
  readonly nodes: ReadonlyMap<string, ChatMessage>
  /** Followers in the order of their birth; those of nothing, the first messages, under ''. */
  readonly children: ReadonlyMap<string, readonly string[]>
  readonly chosen: ReadonlyMap<string, string>
  /** Some message does not hang where its register says: its parent was removed, or is not known yet. */
  readonly hasStrays: boolean
}

/** A tree while one event is handled: its nodes are its own, and its forks once they change. */
export interface TreeDraft extends MessageTree {
  readonly nodes: Map<string, ChatMessage>
  children: MessageTree['children']
  chosen: MessageTree['chosen']
  forks: Forks | undefined
}

/** The maps of a tree that only a message that comes or goes changes. */
export interface Forks {
  readonly children: Map<string, readonly string[]>
  readonly chosen: Map<string, string>
}

/** Copies what nearly every change touches. */
export function draftTree({ nodes, children, chosen, hasStrays }: MessageTree): TreeDraft {
  return { nodes: new Map(nodes), children, chosen, hasStrays, forks: undefined }
}

/** The forks of a tree, to be changed. */
export function forksOf(tree: TreeDraft): Forks {
  if (tree.forks) return tree.forks
  tree.forks = { children: new Map(tree.children), chosen: new Map(tree.chosen) }
  tree.children = tree.forks.children
  tree.chosen = tree.forks.chosen
  return tree.forks
}

/** The key of a message's fork. */
export function forkOf(parentId: string | null): string {
  return parentId ?? ''
}

/**
 * Derives the tree of what is kept. `wishes` say what this chat shows; where they do not, what is kept does.
 * Messages that did not change since `before`, derived of `keptBefore`, keep their identity.
 */
export function deriveTree(
  kept: Kept,
  wishes: ReadonlyMap<string, string> = new Map(),
  before?: { readonly kept: Kept; readonly tree: MessageTree },
): TreeDraft {
  const placed = [...kept.messages].filter(([, { place }]) => place.rank === rank.tree)
  placed.sort(byBirth)
  const parents = parentsOf(kept, placed)
  const children = new Map<string, string[]>()
  for (const [id] of placed) {
    const fork = forkOf(parents.get(id) ?? null)
    const siblings = children.get(fork)
    if (siblings) siblings.push(id)
    else children.set(fork, [id])
  }
  const nodes = new Map<string, ChatMessage>()
  const chosen = new Map<string, string>()
  for (const [fork, siblings] of children) {
    siblings.forEach((id, index) => {
      const entry = kept.messages.get(id)
      if (!entry) return
      const known = before?.kept.messages.get(id) === entry ? before.tree.nodes.get(id) : undefined
      nodes.set(id, placeNode(known, id, entry, fork || null, index, siblings.length))
    })
    const wish = [wishes.get(fork), kept.shown.get(fork)?.id].find(
      (id) => id !== undefined && forkOf(nodes.get(id)?.parentId ?? null) === fork && nodes.has(id),
    )
    const newest = siblings.at(-1)
    if (wish ?? newest) chosen.set(fork, wish ?? newest ?? '')
  }
  const hasStrays = placed.some(([id, { place }]) => parents.get(id) !== place.parentId)
  return { nodes, children, chosen, hasStrays, forks: { children, chosen } }
}

/**
 * Takes the changed registers of one message into a tree, in place. Returns false for a change that moves others:
 * then the tree is to be derived.
 */
export function updateTree(
  tree: TreeDraft,
  kept: Kept,
  id: string,
  before: Entry | undefined,
): boolean {
  const entry = kept.messages.get(id)
  const node = tree.nodes.get(id)
  const isPlaced = entry?.place.rank === rank.tree
  if (entry && node) {
    const stays = isPlaced && entry.place.parentId === before?.place.parentId
    if (!stays) return false
    tree.nodes.set(id, toMessage(id, entry, node.parentId, node.branch))
    return true
  }
  if (!entry || !isPlaced) return node === undefined && !tree.hasStrays
  const { parentId, born } = entry.place
  const fork = forkOf(parentId)
  const siblings = tree.children.get(fork) ?? []
  const last = kept.messages.get(siblings.at(-1) ?? '')
  const isNewest = !last || last.place.born < born
  // What was there before, or was waited for, may have followers already.
  if (before || tree.hasStrays || !isNewest) return false
  if (parentId !== null && !tree.nodes.has(parentId)) return false
  addNode(tree, id, entry, fork, siblings)
  return true
}

function addNode(
  tree: TreeDraft,
  id: string,
  entry: Entry,
  fork: string,
  before: readonly string[],
): void {
  const siblings = [...before, id]
  const { children, chosen } = forksOf(tree)
  children.set(fork, siblings)
  chosen.set(fork, id)
  tree.nodes.set(id, placeNode(undefined, id, entry, fork || null, before.length, siblings.length))
  before.forEach((sibling, index) => {
    const node = tree.nodes.get(sibling)
    if (node) tree.nodes.set(sibling, { ...node, branch: { index, count: siblings.length } })
  })
}

/** The visible messages, oldest first. */
export function visiblePath(tree: MessageTree): readonly ChatMessage[] {
  const path: ChatMessage[] = []
  for (let fork = ''; ;) {
    const node = tree.nodes.get(tree.chosen.get(fork) ?? '')
    if (!node) return path
    path.push(node)
    fork = node.id
  }
}

/** The last visible message. */
export function leafId(tree: MessageTree): string | null {
  return visiblePath(tree).at(-1)?.id ?? null
}

/** A message and those above it, oldest first; empty for an unknown id. */
export function pathTo(tree: MessageTree, id: string | null): readonly ChatMessage[] {
  const path: ChatMessage[] = []
  let node = id === null ? undefined : tree.nodes.get(id)
  for (; node; node = node.parentId === null ? undefined : tree.nodes.get(node.parentId)) {
    path.push(node)
  }
  return path.reverse()
}

/** Whether a message is shown. */
export function isShown(tree: MessageTree, id: string): boolean {
  const path = pathTo(tree, id)
  return path.length > 0 && path.every((node) => tree.chosen.get(forkOf(node.parentId)) === node.id)
}

/** A message and all that follow it, in every branch. */
export function subtreeOf(tree: MessageTree, id: string): readonly string[] {
  const found = [id]
  for (let next = 0; next < found.length; next++) {
    found.push(...(tree.children.get(found[next] ?? '') ?? []))
  }
  return found
}

/** The id of a message's sibling; undefined past either end. */
export function siblingOf(
  tree: MessageTree,
  message: ChatMessage,
  to: number | 'next' | 'previous',
): string | undefined {
  const { index } = message.branch
  const wanted = to === 'next' ? index + 1 : to === 'previous' ? index - 1 : to
  return tree.children.get(forkOf(message.parentId))?.[wanted]
}

/** Turns in the order of their birth. */
export function byBirth(
  [leftId, left]: readonly [string, Entry],
  [rightId, right]: readonly [string, Entry],
): number {
  return left.place.born - right.place.born || (leftId < rightId ? -1 : 1)
}

function placeNode(
  known: ChatMessage | undefined,
  id: string,
  entry: Entry,
  parentId: string | null,
  index: number,
  count: number,
): ChatMessage {
  const { branch } = known ?? {}
  const stays = known?.parentId === parentId && branch?.index === index && branch.count === count
  return known && stays ? known : toMessage(id, entry, parentId, { index, count })
}

/** The parent of each placed message, after skipping and cutting. `placed` is in the order of birth. */
function parentsOf(
  kept: Kept,
  placed: readonly (readonly [string, Entry])[],
): ReadonlyMap<string, string | null> {
  const parents = new Map<string, string | null>()
  for (const [id, { place }] of placed) parents.set(id, placedAbove(kept, place.parentId))
  const isSettled = new Set<string>()
  for (const [first] of placed) {
    const walked = new Set<string>()
    let id: string | null = first
    while (id !== null && !isSettled.has(id) && !walked.has(id)) {
      walked.add(id)
      id = parents.get(id) ?? null
    }
    if (id !== null && walked.has(id)) parents.set(oldestOfCycle(kept, parents, id), null)
    for (const one of walked) isSettled.add(one)
  }
  return parents
}

function placedAbove(kept: Kept, start: string | null): string | null {
  const walked = new Set<string>()
  let id = start
  while (id !== null && !walked.has(id)) {
    const place = kept.messages.get(id)?.place
    if (!place) return null
    if (place.rank === rank.tree) return id
    walked.add(id)
    id = place.parentId
  }
  return null
}

function oldestOfCycle(
  kept: Kept,
  parents: ReadonlyMap<string, string | null>,
  start: string,
): string {
  const cycle: (readonly [string, Entry])[] = []
  let id: string | null | undefined = start
  do {
    const entry = kept.messages.get(id)
    if (entry) cycle.push([id, entry])
    id = parents.get(id)
  } while (id && id !== start)
  return cycle.sort(byBirth)[0]?.[0] ?? start
}
