// A conversation while one event is handled. The handlers of `step` change a draft; nobody else sees it, so from outside
// `step` stays pure. Every write to a register goes through here: it gets its stamp, and the tree follows it.

import type { FalLlmError } from '../../errors.ts'
import type { CallResult, ChatEvent, Command, Effect, Moment } from './chat-event.ts'
import { rank } from '../kept.ts'
import type { Conversation, Here, Run } from './conversation.ts'
import type { BodyFields, Entry, Kept, Place, Stamp } from '../kept.ts'
import {
  byBirth,
  deriveTree,
  draftTree,
  forkOf,
  forksOf,
  pathTo,
  updateTree,
} from './message-tree.ts'
import type { MessageTree, TreeDraft } from './message-tree.ts'

/** Handlers of events, by the event's type. */
export type EventHandlers = {
  readonly [Type in ChatEvent['type']]: (
    draft: Draft,
    event: Extract<ChatEvent, { type: Type }>,
  ) => void
}

/** A command by its name. */
export type CommandOf<Name extends Command['do']> = Extract<Command, { do: Name }>

/** Handlers of commands, by the command's name. */
export type CommandHandlers = {
  readonly [Name in Command['do']]: (draft: Draft, command: CommandOf<Name>) => void
}

/** The handlers of the part that is loaded on use. */
export interface LoadedHandlers {
  readonly events: Partial<EventHandlers>
  readonly commands: Partial<CommandHandlers>
  stopAnswer(draft: Draft, id: string): void
  leaveAnswer(draft: Draft, id: string): void
  foldRun(draft: Draft, id: string): void
  foldWords(value: Conversation): Conversation
  /** Sends the first of what waits, where a person of this chat wants the line to move. */
  moveLine(draft: Draft): void
  /** The answer being written that a double `regenerate` means. */
  sameWish(draft: Draft, command: Command): string | undefined
  /** Finds out who goes on with the answers that fal may still say. */
  claimJobs(draft: Draft, options: { readonly withDetached: boolean }): void
}

/** What handlers change. */
export interface Draft {
  readonly id: string
  readonly moment: Moment
  readonly loaded: LoadedHandlers | undefined
  readonly effects: Effect[]
  kept: Kept
  tree: MessageTree
  here: Here
  /** The maps of `kept` and `tree` once they are the draft's own. */
  own: { readonly messages: Map<string, Entry>; readonly tree: TreeDraft } | undefined
}

/** Begins a draft. */
export function draftOf(value: Conversation, moment: Moment, loaded?: LoadedHandlers): Draft {
  // Field by field: a draft is made for every frame of words, and a spread is several times slower.
  const { id, kept, tree, here } = value
  return { id, moment, loaded, effects: [], kept, tree, here, own: undefined }
}

/** Ends a draft. The same value where nothing was changed. */
export function valueOf(draft: Draft, before: Conversation): Conversation {
  const { id, kept, tree, here } = draft
  const isSame = kept === before.kept && tree === before.tree && here === before.here
  return isSame ? before : { id, kept, tree, here }
}

/** Changes what this chat alone knows. */
export function setHere(draft: Draft, patch: Partial<Here>): void {
  draft.here = { ...draft.here, ...patch }
}

/** The next stamp: above every number seen. */
export function nextStamp(draft: Draft): Stamp {
  const at = draft.here.at + 1
  setHere(draft, { at })
  return { at, by: draft.here.by }
}

/** Writes registers of one message. What is not given stays as it is; a new message needs a place and a body. */
export function write(
  draft: Draft,
  id: string,
  patch: {
    readonly place?: Pick<Place, 'rank' | 'parentId'>
    readonly body?: BodyFields
    readonly metadata?: unknown
  },
): void {
  const before = draft.kept.messages.get(id)
  const stamp = nextStamp(draft)
  const place = patch.place
    ? { born: before?.place.born ?? stamp.at, ...patch.place, ...stamp }
    : before?.place
  const body = patch.body ? { ...patch.body, ...stamp } : before?.body
  if (!place || !body) return
  const metadata =
    patch.metadata === undefined ? before?.metadata : { value: patch.metadata, ...stamp }
  const { messages, tree } = ownMaps(draft)
  messages.set(id, { place, body, ...(metadata && { metadata }) })
  if (updateTree(tree, draft.kept, id, before)) return
  // Its node is of the registers before: it is made anew.
  tree.nodes.delete(id)
  rederive(draft)
}

/** Derives the tree anew; what this chat shows stays shown. */
export function rederive(
  draft: Draft,
  wishes: ReadonlyMap<string, string> = draft.tree.chosen,
  keptBefore: Kept = draft.kept,
): void {
  const tree = deriveTree(draft.kept, wishes, { kept: keptBefore, tree: draft.tree })
  draft.tree = tree
  if (draft.own) draft.own = { ...draft.own, tree }
}

/** Replaces what is kept, whole. */
export function replaceKept(
  draft: Draft,
  kept: Kept,
  wishes: ReadonlyMap<string, string> = draft.tree.chosen,
): void {
  const before = draft.kept
  draft.kept = kept
  draft.own = undefined
  rederive(draft, wishes, before)
}

function ownMaps(draft: Draft): NonNullable<Draft['own']> {
  if (draft.own) return draft.own
  const messages = new Map(draft.kept.messages)
  const tree = draftTree(draft.tree)
  draft.kept = { ...draft.kept, messages }
  draft.tree = tree
  draft.own = { messages, tree }
  return draft.own
}

/** Shows a message: every fork above it chooses the way to it. */
export function show(draft: Draft, id: string): void {
  for (const node of pathTo(draft.tree, id)) {
    const fork = forkOf(node.parentId)
    const wish = draft.kept.shown.get(fork)?.id
    // A fork without a wish shows its newest: nothing is to be written for that.
    const isNewest = wish === undefined && draft.tree.children.get(fork)?.at(-1) === node.id
    if (draft.tree.chosen.get(fork) !== node.id)
      forksOf(ownMaps(draft).tree).chosen.set(fork, node.id)
    if (wish === node.id || isNewest) continue
    const shown = new Map(draft.kept.shown).set(fork, { id: node.id, ...nextStamp(draft) })
    draft.kept = { ...draft.kept, shown }
  }
}

/** The registers of what waits, in order. */
export function lineOf(kept: Kept): readonly (readonly [string, Entry])[] {
  const line: (readonly [string, Entry])[] = []
  kept.messages.forEach((entry, id) => {
    if (entry.place.rank === rank.line) line.push([id, entry])
  })
  return line.sort(byBirth)
}

/** Changes an answer that is being written here. */
export function setRun(draft: Draft, id: string, run: Run | undefined): void {
  const runs = new Map(draft.here.runs)
  if (run) runs.set(id, run)
  else runs.delete(id)
  draft.here = { ...draft.here, runs }
}

/** A set with one more. */
export function withOne<Item>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  return set.has(item) ? set : new Set(set).add(item)
}

/** Lets a call's promise resolve. */
export function settle(draft: Draft, call: number, result?: CallResult): void {
  draft.effects.push({ type: 'settle', call, result })
}

/** Lets a call's promise reject. */
export function refuse(draft: Draft, call: number, error: FalLlmError): void {
  draft.effects.push({ type: 'refuse', call, error })
}

/** Settles every call that waits for an answer. */
export function settleCallsOf(draft: Draft, answerId: string, error?: FalLlmError): void {
  const calls = new Map(draft.here.calls)
  const message = draft.tree.nodes.get(answerId)
  for (const [call, waitsFor] of draft.here.calls) {
    if (waitsFor !== answerId) continue
    calls.delete(call)
    if (error) refuse(draft, call, error)
    else settle(draft, call, message)
  }
  if (calls.size !== draft.here.calls.size) setHere(draft, { calls })
}

/** Lets a call wait for an answer. */
export function awaitAnswer(draft: Draft, call: number, answerId: string): void {
  setHere(draft, { calls: new Map(draft.here.calls).set(call, answerId) })
}
