// What a person asks of a conversation. A command runs in the event that calls it, or waits: for the storage, or for the
// answer being written. Each ends in `settle` or `refuse`, at once or with an answer.

import { FalLlmError } from '../../errors.ts'
import type { WhenBusy } from '../chat.ts'
import { busyError, pauseLine, shownAnswers, startAnswer, stopAnswer, takeBack } from './answers.ts'
import type { Command, GivenMessage } from './chat-event.ts'
import { rank } from '../kept.ts'
import type { Asked, Body, BodyFields, Entry, Stamp } from '../kept.ts'
import {
  awaitAnswer,
  lineOf,
  nextStamp,
  refuse,
  replaceKept,
  setHere,
  settle,
  settleCallsOf,
  show,
  withOne,
  write,
} from './draft.ts'
import type { CommandHandlers, CommandOf, Draft } from './draft.ts'
import { entriesOf } from './given-messages.ts'
import { leafId, siblingOf, subtreeOf } from './message-tree.ts'

/** What a command has to wait for. */
const waitsForStorage: ReadonlySet<Command['do']> = new Set([
  'open',
  'resume',
  'regenerate',
  'edit',
  'retry',
  'continue',
  'switch',
  'send-now',
  'remove',
])
const waitsForAnswer: ReadonlySet<Command['do']> = new Set(['regenerate', 'edit'])
/** These are over without a word when the chat is closed; every other is refused. */
const harmless: ReadonlySet<Command['do']> = new Set(['stop', 'detach', 'destroy', 'clear-error'])

/** Runs a command, or lets it wait. */
export function runCommand(draft: Draft, command: Command): void {
  const { here } = draft
  if (here.isClosed) {
    if (harmless.has(command.do)) return settle(draft, command.call)
    return refuse(draft, command.call, closedError())
  }
  if (here.storage.read === 'unread' && !harmless.has(command.do)) beginReading(draft)
  if (isReady(draft, command)) return perform(draft, command)
  setHere(draft, { commands: [...draft.here.commands, command] })
  if (!isKnown(draft, command)) draft.effects.push({ type: 'load' })
}

/** Refuses what waits, for a part that it needs could not be fetched. */
export function refuseWaiting(draft: Draft, error: FalLlmError): void {
  const { commands } = draft.here
  setHere(draft, { commands: [] })
  for (const { call } of commands) refuse(draft, call, error)
}

/** Runs what waited and can go on now: commands first, then the line. */
export function goOn(draft: Draft): void {
  for (;;) {
    const [next, ...rest] = draft.here.commands
    if (!next || !isReady(draft, next)) break
    setHere(draft, { commands: rest })
    perform(draft, next)
  }
  // The line moves once the part that moves it is there.
  const { isPaused, mine } = draft.here
  if (draft.loaded) draft.loaded.moveLine(draft)
  else if (!isPaused && mine.size > 0 && !isBusy(draft)) draft.effects.push({ type: 'load' })
}

/** Has the storage read. */
export function beginReading(draft: Draft): void {
  setHere(draft, { storage: { ...draft.here.storage, read: 'reading' } })
  draft.effects.push({ type: 'read' })
}

/** Whether what is stored is known, or nothing is. */
export function isOpen({ here }: Pick<Draft, 'here'>): boolean {
  return here.storage.read === 'open' || here.storage.read === 'none'
}

/** Whether the command's handler is there, or is to be loaded first. */
function isKnown(draft: Draft, command: Command): boolean {
  return draft.loaded !== undefined || command.do in handlers
}

function isReady(draft: Draft, command: Command): boolean {
  if (waitsForStorage.has(command.do) && !isOpen(draft)) return false
  if (!isKnown(draft, command)) return false
  if (!waitsForAnswer.has(command.do)) return true
  const { whenBusy } = command as CommandOf<'regenerate'>
  if (whenBusyOf(draft, whenBusy) !== 'queue' || !isBusy(draft)) return true
  return draft.loaded?.sameWish(draft, command) !== undefined
}

/** What a call does in a busy chat: what it says, else what the chat does. */
export function whenBusyOf(draft: Draft, whenBusy: WhenBusy | undefined): WhenBusy {
  return whenBusy ?? draft.here.settings.whenBusy
}

/** Whether an answer is being written on the shown path, or may be. */
export function isBusy(draft: Pick<Draft, 'tree' | 'here'>): boolean {
  return shownAnswers(draft).length > 0
}

/** Stops the answers being written on the shown path. What waits, waits for a person. */
export function stopShown(draft: Draft): void {
  for (const id of shownAnswers(draft)) stopAnswer(draft, id)
  pauseLine(draft)
}

const handlers: Partial<CommandHandlers> = {
  send(draft, { call, id, answerId, content, asked, whenBusy }) {
    const wish = whenBusyOf(draft, whenBusy)
    const refusal = cannotAsk(draft, askedOf(draft, asked), [id, answerId])
    if (refusal) return refuse(draft, call, refusal)
    // A job that was cut off is followed again; what is sent now comes after its answer.
    if (isOpen(draft) && draft.here.settings.resume) {
      draft.loaded?.claimJobs(draft, { withDetached: false })
    }
    if (wish === 'reject' && isBusy(draft)) return refuse(draft, call, busyError())
    if (wish === 'interrupt' && isBusy(draft)) stopShown(draft)
    const body = userBody(draft, content, { asked, answerId })
    const goesNow =
      isOpen(draft) && !isBusy(draft) && (wish === 'interrupt' || lineOf(draft.kept).length === 0)
    const previousLeafId = leafId(draft.tree)
    write(draft, id, {
      place: goesNow
        ? { rank: rank.tree, parentId: previousLeafId }
        : { rank: rank.line, parentId: null },
      body,
      metadata: content.metadata,
    })
    keepFiles(draft, id, content.files)
    awaitAnswer(draft, call, answerId)
    setHere(draft, { isPaused: false })
    if (!goesNow) return setHere(draft, { mine: withOne(draft.here.mine, id) })
    show(draft, id)
    startAnswer(draft, {
      id: answerId,
      parentId: id,
      asked: askedOf(draft, asked),
      previousLeafId,
    })
  },
  open: (draft, { call }) => settle(draft, call),
  stop(draft, { call }) {
    stopShown(draft)
    settle(draft, call)
  },
  detach(draft, { call }) {
    for (const id of draft.here.runs.keys()) {
      if (draft.loaded) draft.loaded.leaveAnswer(draft, id)
      else takeBack(draft, id)
    }
    settle(draft, call)
  },
  destroy(draft, { call }) {
    for (const id of draft.here.runs.keys()) {
      draft.loaded?.foldRun(draft, id)
      draft.effects.push({ type: 'leave', id })
    }
    for (const open of draft.here.calls.keys()) refuse(draft, open, closedError())
    for (const command of draft.here.commands) refuse(draft, command.call, closedError())
    setHere(draft, { isClosed: true, runs: new Map(), calls: new Map(), commands: [] })
    settle(draft, call)
  },
  clear(draft, { call }) {
    for (const [id, { body }] of lineOf(draft.kept)) {
      draft.effects.push({ type: 'drop-files', id })
      settleCallsOf(draft, body.answerId ?? '', takenBackError('cleared'))
    }
    replaceMessages(draft, [], [])
    settle(draft, call)
  },
  'clear-error'(draft, { call }) {
    if (draft.here.failure) setHere(draft, { failure: undefined })
    settle(draft, call)
  },
  'set-messages'(draft, { call, messages }) {
    replaceMessages(draft, messages, lineOf(draft.kept))
    settle(draft, call)
  },
  switch(draft, { call, messageId, to }) {
    const message = draft.tree.nodes.get(messageId)
    if (!message) return refuse(draft, call, unknownMessage(messageId))
    if (isBusy(draft)) return refuse(draft, call, busyError())
    const sibling = siblingOf(draft.tree, message, to)
    // A step past either end is an arrow on a screen.
    if (sibling !== undefined) show(draft, sibling)
    settle(draft, call)
  },
  remove(draft, { call, messageId }) {
    if (!draft.tree.nodes.has(messageId)) return refuse(draft, call, unknownMessage(messageId))
    const doomed = subtreeOf(draft.tree, messageId)
    const { runs, alive } = draft.here
    const isWritten = doomed.some((id) => runs.has(id) || alive.has(id))
    if (isWritten || isBusy(draft)) return refuse(draft, call, busyError())
    const messages = new Map(draft.kept.messages)
    for (const id of doomed) {
      const entry = messages.get(id)
      if (entry) messages.set(id, removed(entry, nextStamp(draft)))
    }
    replaceKept(draft, { ...draft.kept, messages })
    settle(draft, call)
  },
  append(draft, { call, message }) {
    const { id, entry } = message
    if (isBusy(draft)) return refuse(draft, call, busyError())
    if (draft.kept.messages.has(id)) return refuse(draft, call, knownId(id))
    const parentId = leafId(draft.tree)
    write(draft, id, { place: { rank: rank.tree, parentId }, ...entry })
    show(draft, id)
    settle(draft, call, draft.tree.nodes.get(id))
  },
  update(draft, { call, messageId, parts, metadata, hasMetadata }) {
    const entry = draft.kept.messages.get(messageId)
    if (!entry || !draft.tree.nodes.has(messageId)) {
      return refuse(draft, call, unknownMessage(messageId))
    }
    if (draft.here.runs.has(messageId) || draft.here.alive.has(messageId)) {
      return refuse(draft, call, busyError())
    }
    write(draft, messageId, {
      ...(parts && { body: { ...entry.body, parts } }),
      ...(hasMetadata && { metadata: metadata ?? null }),
    })
    settle(draft, call, draft.tree.nodes.get(messageId))
  },
  rename(draft, { call, title }) {
    const { at, by } = draft.here
    setHere(draft, { at: at + 1 })
    draft.kept = { ...draft.kept, title: { text: title, at: at + 1, by } }
    settle(draft, call)
  },
}

function perform<Name extends Command['do']>(draft: Draft, command: CommandOf<Name>): void {
  const handler: ((draft: Draft, command: CommandOf<Name>) => void) | undefined =
    handlers[command.do as Name] ?? draft.loaded?.commands[command.do as Name]
  handler?.(draft, command)
}

/** How an answer is asked: as the chat asks, unless the call says otherwise. */
export function askedOf(draft: Draft, own: Asked): Asked {
  return { ...draft.here.settings.asked, ...own }
}

export function cannotAsk(
  draft: Draft,
  { mode }: Asked,
  ids: readonly string[],
): FalLlmError | undefined {
  const known = ids.find((id, index) => draft.kept.messages.has(id) || ids.indexOf(id) !== index)
  if (known !== undefined) return knownId(known)
  if (mode !== 'durable' || draft.here.settings.hasStorage) return undefined
  return new FalLlmError(
    'invalid-input',
    "mode: 'durable' needs a storage to keep the answer's id in. Give the chat one, for example storage: indexedDbStorage()",
  )
}

export function userBody(
  draft: Draft,
  content: CommandOf<'send'>['content'],
  more: Pick<Body, 'asked' | 'answerId'>,
): BodyFields {
  return {
    attempt: 0,
    ended: true,
    role: 'user',
    parts: content.parts,
    status: 'done',
    createdAt: draft.moment.now,
    ...more,
  }
}

export function keepFiles(
  draft: Draft,
  id: string,
  files: readonly (Blob | string | undefined)[],
): void {
  if (!files.some((file) => file !== undefined)) return
  setHere(draft, { files: new Map(draft.here.files).set(id, files) })
  draft.effects.push({ type: 'keep-files', id })
}

/** Stops what is written, and begins a new generation with these messages and these turns that wait. */
function replaceMessages(
  draft: Draft,
  messages: readonly GivenMessage[],
  line: readonly (readonly [string, Entry])[],
): void {
  for (const id of [...draft.here.runs.keys(), ...draft.here.alive]) stopAnswer(draft, id)
  setHere(draft, { failure: undefined, alive: new Set(), isPaused: line.length > 0 })
  const { by } = draft.here
  const entries = entriesOf(messages, draft.here)
  let at = draft.here.at + entries.size
  for (const [id, entry] of line) {
    at += 1
    if (!entries.has(id)) entries.set(id, { ...entry, place: { ...entry.place, born: at, at, by } })
  }
  setHere(draft, { at })
  const { generation, title } = draft.kept
  const kept = {
    generation: generation + 1,
    messages: entries,
    shown: new Map(),
    ...(title && { title }),
  }
  replaceKept(draft, kept, new Map())
}

/** What is left of a removed message: its place, for what may hang below it elsewhere, and what it cost. */
function removed(entry: Entry, stamp: Stamp): Entry {
  const { attempt, role, createdAt, model, usage } = entry.body
  const body: Body = {
    attempt,
    ended: true,
    role,
    parts: [],
    status: 'done',
    createdAt,
    ...(model !== undefined && { model }),
    ...(usage && { usage }),
    ...stamp,
  }
  return { ...entry, place: { ...entry.place, rank: rank.removed, ...stamp }, body }
}

export function unknownMessage(messageId: string): FalLlmError {
  return new FalLlmError('invalid-input', `There is no message "${messageId}" in this conversation`)
}

function knownId(id: string): FalLlmError {
  return new FalLlmError(
    'invalid-input',
    `There is a message "${id}" already. createId() must give a new id each time`,
  )
}

export function takenBackError(how: 'taken back' | 'cleared'): FalLlmError {
  return new FalLlmError('cancelled', `The message was ${how} before it was sent`)
}

function closedError(): FalLlmError {
  return new FalLlmError('cancelled', 'The chat was destroyed. Create a new one to go on')
}
