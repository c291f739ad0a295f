// The tree of branches. A message hangs under the one it follows; siblings are versions of the same turn, and of
// each group of siblings one is chosen. The visible path follows the chosen ones from the root.

import type { ChatMessage } from './state.ts'

/** A conversation with all its branches. Immutable; every change makes a new one. */
export interface MessageTree<Metadata = unknown> {
  readonly nodes: ReadonlyMap<string, ChatMessage<Metadata>>
  /** Children in the order they came; the key null holds the first messages. */
  readonly children: ReadonlyMap<string | null, readonly string[]>
  readonly chosen: ReadonlyMap<string | null, string>
}

/** A conversation without a message. */
export const emptyTree: MessageTree<never> = {
  nodes: new Map(),
  children: new Map(),
  chosen: new Map(),
}

/** Adds a message under its parent and chooses it. A known id, or an unknown parent, changes nothing. */
export function addMessage<M>(tree: MessageTree<M>, message: ChatMessage<M>): MessageTree<M> {
  const { id, parentId } = message
  const knownParent = parentId === null || tree.nodes.has(parentId)
  if (tree.nodes.has(id) || !knownParent) return tree
  const siblings = [...(tree.children.get(parentId) ?? []), id]
  const nodes = new Map(tree.nodes).set(id, message)
  return {
    nodes: number(nodes, siblings),
    children: new Map(tree.children).set(parentId, siblings),
    chosen: new Map(tree.chosen).set(parentId, id),
  }
}

/** Replaces a message; its place in the tree stays. An unknown id changes nothing. */
export function replaceMessage<M>(tree: MessageTree<M>, message: ChatMessage<M>): MessageTree<M> {
  const known = tree.nodes.get(message.id)
  if (!known || known === message) return tree
  const { parentId, branch } = known
  return { ...tree, nodes: new Map(tree.nodes).set(message.id, { ...message, parentId, branch }) }
}

/** Makes a message visible: it and everything above it is chosen. An unknown id changes nothing. */
export function chooseMessage<M>(tree: MessageTree<M>, id: string): MessageTree<M> {
  const chosen = new Map(tree.chosen)
  let changed = false
  for (let node = tree.nodes.get(id); node; node = parentOf(tree, node)) {
    changed ||= chosen.get(node.parentId) !== node.id
    chosen.set(node.parentId, node.id)
  }
  return changed ? { ...tree, chosen } : tree
}

/** Takes a message and everything after it out. An unknown id changes nothing. */
export function removeMessage<M>(tree: MessageTree<M>, id: string): MessageTree<M> {
  const message = tree.nodes.get(id)
  if (!message) return tree
  const nodes = new Map(tree.nodes)
  const children = new Map(tree.children)
  const chosen = new Map(tree.chosen)
  const doomed = [id]
  for (let next = doomed.pop(); next !== undefined; next = doomed.pop()) {
    doomed.push(...(children.get(next) ?? []))
    nodes.delete(next)
    children.delete(next)
    chosen.delete(next)
  }
  const siblings = (children.get(message.parentId) ?? []).filter((sibling) => sibling !== id)
  const neighbour = siblings[Math.min(message.branch.index, siblings.length - 1)]
  if (neighbour === undefined) {
    children.delete(message.parentId)
    chosen.delete(message.parentId)
    return { nodes, children, chosen }
  }
  children.set(message.parentId, siblings)
  if (chosen.get(message.parentId) === id) chosen.set(message.parentId, neighbour)
  return { nodes: number(nodes, siblings), children, chosen }
}

/** Makes a tree without branches of a list; each message follows the one before it, and of two with one id the first counts. */
export function treeOf<M>(messages: readonly ChatMessage<M>[]): MessageTree<M> {
  const seen = new Set<string>()
  let parentId: string | null = null
  const line: ChatMessage<M>[] = []
  for (const message of messages) {
    if (seen.has(message.id)) continue
    seen.add(message.id)
    line.push(message.parentId === parentId ? message : { ...message, parentId })
    parentId = message.id
  }
  return treeWithBranches(line, [])
}

/**
 * Makes a tree of messages that know their parents, each after its own, and of the ids that are chosen, one for each
 * fork; where none is named it is the last. A known id, or an unknown parent, is left out.
 */
export function treeWithBranches<M>(
  messages: readonly ChatMessage<M>[],
  chosenIds: readonly string[],
): MessageTree<M> {
  // In one go: a tree copied for each of n messages would cost n².
  const nodes = new Map<string, ChatMessage<M>>()
  const children = new Map<string | null, string[]>()
  const chosen = new Map<string | null, string>()
  for (const message of messages) {
    const { id, parentId } = message
    if (nodes.has(id) || (parentId !== null && !nodes.has(parentId))) continue
    const siblings = children.get(parentId) ?? []
    nodes.set(id, message)
    children.set(parentId, siblings)
    siblings.push(id)
    chosen.set(parentId, id)
  }
  for (const siblings of children.values()) number(nodes, siblings)
  for (const id of chosenIds) {
    const message = nodes.get(id)
    if (message) chosen.set(message.parentId, id)
  }
  return { nodes, children, chosen }
}

/** The visible messages, oldest first. */
export function visiblePath<M>(tree: MessageTree<M>): readonly ChatMessage<M>[] {
  const path: ChatMessage<M>[] = []
  let id = tree.chosen.get(null)
  while (id !== undefined) {
    const message = tree.nodes.get(id)
    if (!message) break
    path.push(message)
    id = tree.chosen.get(id)
  }
  return path
}

/** A message and those above it, oldest first; empty for an unknown id. */
export function pathTo<M>(tree: MessageTree<M>, id: string | null): readonly ChatMessage<M>[] {
  const path: ChatMessage<M>[] = []
  let node = id === null ? undefined : tree.nodes.get(id)
  for (; node; node = parentOf(tree, node)) path.push(node)
  return path.reverse()
}

/** The id of a message's sibling; undefined past either end. */
export function siblingOf<M>(
  tree: MessageTree<M>,
  id: string,
  to: number | 'next' | 'previous',
): string | undefined {
  const message = tree.nodes.get(id)
  if (!message) return undefined
  const { index } = message.branch
  const wanted = to === 'next' ? index + 1 : to === 'previous' ? index - 1 : to
  return tree.children.get(message.parentId)?.[wanted]
}

function parentOf<M>(tree: MessageTree<M>, message: ChatMessage<M>): ChatMessage<M> | undefined {
  return message.parentId === null ? undefined : tree.nodes.get(message.parentId)
}

// Keeps the identity of messages whose place did not change.
function number<M>(
  nodes: Map<string, ChatMessage<M>>,
  siblings: readonly string[],
): ReadonlyMap<string, ChatMessage<M>> {
  siblings.forEach((id, index) => {
    const message = nodes.get(id)
    const count = siblings.length
    if (!message || (message.branch.index === index && message.branch.count === count)) return
    nodes.set(id, { ...message, branch: { index, count } })
  })
  return nodes
}
