// (value, event) → (value, effects): pure and total. Every event is safe in every state: what does not fit changes nothing.

import { takeBack } from './answers.ts'
import type { ChatEvent, Effect, Moment, Settings } from './chat-event.ts'
import { beginReading, goOn, isOpen, refuseWaiting, runCommand } from './commands.ts'
import { emptyKept, greatestOf } from '../kept.ts'
import type { Conversation, Here, StorageState } from './conversation.ts'
import type { Kept } from '../kept.ts'
import { draftOf, setHere, valueOf } from './draft.ts'
import type { Draft, EventHandlers, LoadedHandlers } from './draft.ts'
import { deriveTree } from './message-tree.ts'

type Of<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>

/** A conversation that begins with what is given. `by` is the random name of this opened chat. Never throws. */
export function openConversation(
  id: string,
  by: string,
  settings: Settings,
  kept: Kept = emptyKept,
  seeds: ReadonlySet<string> = new Set(),
): Conversation {
  const here: Here = {
    by,
    at: greatestOf(kept),
    settings,
    seeds,
    storage: storageState(0, settings, kept),
    runs: new Map(),
    alive: new Set(),
    claims: new Set(),
    detached: new Set(),
    mine: new Set(),
    files: new Map(),
    commands: [],
    calls: new Map(),
    isPaused: false,
    isClosed: false,
    failure: undefined,
  }
  return { id, kept, tree: deriveTree(kept), here }
}

function storageState(
  source: number,
  { hasStorage }: Settings,
  { generation }: Kept,
): StorageState {
  return { source, read: hasStorage ? 'unread' : 'none', isFailing: false, generation }
}

/** The next value, and what is to be done. `loaded`: the handlers of the part that is loaded on use. Never throws. */
export function step(
  value: Conversation,
  event: ChatEvent,
  moment: Moment,
  loaded?: LoadedHandlers,
): { readonly value: Conversation; readonly effects: readonly Effect[] } {
  const draft = draftOf(value, moment, loaded)
  handle(draft, event)
  // Words and phases set nothing free.
  if (event.type !== 'answer-events' && event.type !== 'answer-phase') goOn(draft)
  const isOver = value.here.isClosed && event.type !== 'command'
  return { value: valueOf(draft, value), effects: isOver ? [] : draft.effects }
}

function handle<Type extends ChatEvent['type']>(draft: Draft, event: Of<Type>): void {
  const handler: ((draft: Draft, event: Of<Type>) => void) | undefined =
    handlers[event.type as Type] ?? draft.loaded?.events[event.type as Type]
  handler?.(draft, event)
}

const handlers: Partial<EventHandlers> = {
  command: (draft, { command }) => runCommand(draft, command),
  'settings-changed': (draft, { settings }) => setHere(draft, { settings }),
  'storage-given'(draft) {
    const { settings, storage } = draft.here
    setHere(draft, { storage: storageState(storage.source + 1, settings, draft.kept) })
  },
  'looked-at'(draft) {
    const { storage, settings } = draft.here
    if (storage.read === 'unread') beginReading(draft)
    else if (isOpen(draft) && settings.resume)
      draft.loaded?.claimJobs(draft, { withDetached: false })
  },
  'storage-failing'(draft, { source, isFailing }) {
    const { storage } = draft.here
    if (storage.source !== source || storage.isFailing === isFailing) return
    setHere(draft, { storage: { ...storage, isFailing } })
  },
  'part-loaded'() {},
  'part-missing'(draft, { error }) {
    for (const id of draft.here.runs.keys()) takeBack(draft, id, error)
    refuseWaiting(draft, error)
    const { storage } = draft.here
    if (storage.read !== 'reading') return
    setHere(draft, { storage: { ...storage, read: 'open', isFailing: true } })
  },
}
