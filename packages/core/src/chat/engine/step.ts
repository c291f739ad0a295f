// (value, event) → (value, effects): pure and total. Every event is safe in every state: what does not fit changes nothing.

import {
  acceptAnswer,
  currentRun,
  finishAnswer,
  foldRun,
  hearAnswer,
  reopenAnswer,
} from './answers.ts'
import type { ChatEvent, Effect, Moment, Settings } from './chat-event.ts'
import { beginReading, claimJobs, dropRun, goOn, isOpen, runCommand } from './commands.ts'
import { emptyKept, rank } from './conversation.ts'
import type { Conversation, Here, Kept, Run, StorageState } from './conversation.ts'
import {
  draftOf,
  replaceKept,
  setHere,
  setRun,
  settleCallsOf,
  show,
  valueOf,
  withOne,
  withoutOne,
  write,
} from './draft.ts'
import type { Draft } from './draft.ts'
import { deriveTree, leafId } from './message-tree.ts'
import { FalLlmError } from '../../errors.ts'

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

/** The next value, and what is to be done. Never throws. */
export function step(
  value: Conversation,
  event: ChatEvent,
  moment: Moment,
): { readonly value: Conversation; readonly effects: readonly Effect[] } {
  const draft = draftOf(value, moment)
  handle(draft, event)
  // Words and phases set nothing free.
  if (event.type !== 'answer-events' && event.type !== 'answer-phase') goOn(draft)
  const isOver = value.here.isClosed && event.type !== 'command'
  return { value: valueOf(draft, value), effects: isOver ? [] : draft.effects }
}

/** Lets the words of every answer being written enter what is kept. */
export function foldWords(value: Conversation): Conversation {
  if (value.here.runs.size === 0) return value
  const draft = draftOf(value, { now: 0, timings: new Map() })
  for (const id of value.here.runs.keys()) foldRun(draft, id)
  return valueOf(draft, value)
}

function handle<Type extends ChatEvent['type']>(draft: Draft, event: Of<Type>): void {
  handlers[event.type as Type](draft, event)
}

const handlers: { readonly [Type in ChatEvent['type']]: (draft: Draft, event: Of<Type>) => void } =
  {
    command: (draft, { command }) => runCommand(draft, command),
    'settings-changed': (draft, { settings }) => setHere(draft, { settings }),
    'storage-given'(draft) {
      const { settings, storage } = draft.here
      setHere(draft, { storage: storageState(storage.source + 1, settings, draft.kept) })
    },
    'looked-at'(draft) {
      const { storage, settings } = draft.here
      if (storage.read === 'unread') beginReading(draft)
      else if (isOpen(draft) && settings.resume) claimJobs(draft, { withDetached: false })
    },
    'stored-merged': takeStored,
    'storage-opened'(draft, { source }) {
      const { storage, settings } = draft.here
      if (storage.source !== source || storage.read === 'open') return
      setHere(draft, { storage: { ...storage, read: 'open' } })
      if (settings.resume) claimJobs(draft, { withDetached: false })
    },
    'storage-failing'(draft, { source, isFailing }) {
      const { storage } = draft.here
      if (storage.source !== source || storage.isFailing === isFailing) return
      setHere(draft, { storage: { ...storage, isFailing } })
    },
    'answer-events': hearAnswer,
    'answer-phase'(draft, { id, attempt, phase }) {
      const run = currentRun(draft, id, attempt)
      if (run && run.phase !== 'streaming') setRun(draft, id, { ...run, phase })
    },
    'answer-context'(draft, { id, attempt, context }) {
      const run = currentRun(draft, id, attempt)
      if (run) setRun(draft, id, { ...run, body: { ...run.body, context } })
    },
    'turn-uploaded'(draft, { id, urls }) {
      const body = draft.kept.messages.get(id)?.body
      if (!body) return
      let next = 0
      const parts = body.parts.map((part) =>
        part.type === 'image' ? { ...part, url: urls[next++] || part.url } : part,
      )
      write(draft, id, { body: { ...body, parts } })
      const files = new Map(draft.here.files)
      files.delete(id)
      setHere(draft, { files })
      draft.effects.push({ type: 'drop-files', id })
    },
    'answer-accepted': acceptAnswer,
    'answer-ended': (draft, { id, attempt, outcome }) => finishAnswer(draft, id, attempt, outcome),
    'claim-granted'(draft, { id }) {
      const { claims, alive } = draft.here
      setHere(draft, { claims: withoutOne(claims, id), alive: withoutOne(alive, id) })
      const entry = draft.kept.messages.get(id)
      if (draft.here.isClosed || entry?.place.rank !== rank.tree) return
      if (entry.body.job) reopenAnswer(draft, id, 'follow')
      // Nobody writes it any more.
      else settleCallsOf(draft, id)
    },
    'claim-refused'(draft, { id }) {
      const { claims, alive } = draft.here
      const isOpenAnswer = draft.kept.messages.get(id)?.body.ended === false
      setHere(draft, {
        claims: withoutOne(claims, id),
        alive: isOpenAnswer ? withOne(alive, id) : alive,
      })
    },
    'job-cancelled'(draft, { id }) {
      const body = draft.kept.messages.get(id)?.body
      if (!body?.cancel) return
      const { cancel: _, ...rest } = body
      write(draft, id, { body: rest })
    },
  }

/** Takes what was read and merged. What others wrote meanwhile ends what it contradicts here. */
function takeStored(draft: Draft, { source, kept, files }: Of<'stored-merged'>): void {
  const { storage, runs } = draft.here
  if (storage.source !== source) return
  const before = draft.kept
  const leaf = leafId(draft.tree)
  const isFirst = storage.read !== 'open'
  replaceKept(draft, kept, isFirst ? new Map() : draft.tree.chosen)
  setHere(draft, {
    at: Math.max(draft.here.at, greatestOf(kept)),
    files: new Map([...files, ...draft.here.files]),
  })
  // What was said before the reading is what a person looks at.
  if (isFirst && leaf !== null && draft.tree.nodes.has(leaf)) show(draft, leaf)
  for (const [id, run] of runs) meetCopy(draft, id, run)
  noticeOthers(draft, before)
  settleElsewhere(draft)
}

/** An answer that is written here was read again. */
function meetCopy(draft: Draft, id: string, run: Run): void {
  const body = draft.kept.messages.get(id)?.body
  if (!body) return dropRun(draft, id)
  const isOurs = body.attempt === run.body.attempt && body.by === draft.here.by
  if (isOurs) return
  // Somebody else goes on with it.
  draft.effects.push({ type: 'leave', id })
  setRun(draft, id, undefined)
  if (!body.ended) setHere(draft, { alive: withOne(draft.here.alive, id) })
}

/** Finds the answers that other chats write: where no lock can tell, one that is seen to change is alive. */
function noticeOthers(draft: Draft, before: Kept): void {
  const alive = new Set<string>()
  for (const [id, { body, place }] of draft.kept.messages) {
    if (body.ended || place.rank !== rank.tree || draft.here.runs.has(id)) continue
    const known = before.messages.get(id)?.body
    const hasChanged = known !== undefined && !known.ended && known.at !== body.at
    if (draft.here.alive.has(id) || (hasChanged && !draft.here.settings.hasLocks)) alive.add(id)
  }
  setHere(draft, { alive })
  if (isOpen(draft) && draft.here.settings.hasLocks) claimOpen(draft)
}

function claimOpen(draft: Draft): void {
  const { runs, alive, claims } = draft.here
  const found = new Set(claims)
  for (const [id, { body, place }] of draft.kept.messages) {
    const isOpenAnswer = !body.ended && place.rank === rank.tree
    if (!isOpenAnswer || runs.has(id) || alive.has(id) || found.has(id)) continue
    found.add(id)
    draft.effects.push({ type: 'claim', id })
  }
  if (found.size > claims.size) setHere(draft, { claims: found })
}

/** Settles the calls whose answer was ended, or whose turn was taken back, by another chat. */
function settleElsewhere(draft: Draft): void {
  const waitedFor = new Set(draft.here.calls.values())
  if (waitedFor.size === 0) return
  for (const id of waitedFor) {
    const body = draft.kept.messages.get(id)?.body
    if (body?.ended && !draft.here.runs.has(id)) settleCallsOf(draft, id)
  }
  for (const { body, place } of draft.kept.messages.values()) {
    if (place.rank !== rank.takenBack || !body.answerId || !waitedFor.has(body.answerId)) continue
    settleCallsOf(
      draft,
      body.answerId,
      new FalLlmError('cancelled', 'The message was taken back before it was sent'),
    )
  }
}

function greatestOf(kept: Kept): number {
  let greatest = kept.title?.at ?? 0
  for (const { place, body, metadata } of kept.messages.values()) {
    greatest = Math.max(greatest, place.at, place.born, body.at, metadata?.at ?? 0)
  }
  for (const { at } of kept.shown.values()) greatest = Math.max(greatest, at)
  return greatest
}
