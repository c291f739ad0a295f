// What a person asks of a conversation. A command runs in the event that calls it, or waits: for the storage, or for the
// answer being written. Each ends in `settle` or `refuse`, at once or with an answer.

import { FalLlmError } from '../../errors.ts'
import type { WhenBusy } from '../chat.ts'
import type { ChatMessage } from '../state.ts'
import {
  busyError,
  endAnswer,
  foldRun,
  leaveAnswer,
  pauseLine,
  reopenAnswer,
  shownAnswers,
  startAnswer,
  stopAnswer,
} from './answers.ts'
import type { CallResult, Command, GivenMessage } from './chat-event.ts'
import { rank } from './conversation.ts'
import type { Asked, Body, BodyFields, Entry } from './conversation.ts'
import {
  awaitAnswer,
  lineOf,
  refuse,
  replaceKept,
  setHere,
  settle,
  settleCallsOf,
  show,
  withOne,
  write,
  writeAll,
} from './draft.ts'
import type { Draft } from './draft.ts'
import { entriesOf } from './given-messages.ts'
import { forkOf, leafId, siblingOf, subtreeOf } from './message-tree.ts'
import { wordsOf } from './to-message.ts'

type Of<Name extends Command['do']> = Extract<Command, { do: Name }>

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
    if (harmless.has(command.do)) return settle(draft, command.call, undefined)
    return refuse(draft, command.call, closedError())
  }
  if (here.storage.read === 'unread' && !harmless.has(command.do)) beginReading(draft)
  if (!isReady(draft, command))
    return setHere(draft, { commands: [...draft.here.commands, command] })
  perform(draft, command)
}

/** Runs what waited and can go on now: commands first, then the line. */
export function goOn(draft: Draft): void {
  for (;;) {
    const [next, ...rest] = draft.here.commands
    if (!next || !isReady(draft, next)) break
    setHere(draft, { commands: rest })
    perform(draft, next)
  }
  moveLine(draft)
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

function isReady(draft: Draft, command: Command): boolean {
  if (waitsForStorage.has(command.do) && !isOpen(draft)) return false
  if (!waitsForAnswer.has(command.do)) return true
  const { whenBusy } = command as Of<'regenerate'>
  if (whenBusyOf(draft, whenBusy) !== 'queue' || !isBusy(draft)) return true
  return sameWish(draft, command) !== undefined
}

function whenBusyOf(draft: Draft, whenBusy: WhenBusy | undefined): WhenBusy {
  return whenBusy ?? draft.here.settings.whenBusy
}

/** Whether an answer is being written on the shown path, or may be. */
export function isBusy(draft: Pick<Draft, 'tree' | 'here'>): boolean {
  return shownAnswers(draft).length > 0
}

/** The calls that ask for an answer now: a busy chat refuses them or is stopped. Returns whether they can go on. */
function makeRoom(draft: Draft, call: number, whenBusy: WhenBusy | undefined): boolean {
  if (!isBusy(draft)) return true
  if (whenBusyOf(draft, whenBusy) === 'reject') {
    refuse(draft, call, busyError())
    return false
  }
  stopShown(draft)
  return true
}

function stopShown(draft: Draft): void {
  for (const id of shownAnswers(draft)) stopAnswer(draft, id)
  pauseLine(draft)
}

const handlers: { readonly [Name in Command['do']]: (draft: Draft, command: Of<Name>) => void } = {
  send(draft, { call, id, answerId, content, asked, whenBusy }) {
    const wish = whenBusyOf(draft, whenBusy)
    const refusal = cannotAsk(draft, askedOf(draft, asked), [id, answerId])
    if (refusal) return refuse(draft, call, refusal)
    // A job that was cut off is followed again; what is sent now comes after its answer.
    if (isOpen(draft) && draft.here.settings.resume) claimJobs(draft, { withDetached: false })
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
  regenerate(draft, command) {
    const { call, answerId, asked, messageId, whenBusy } = command
    const target = answerOf(draft, messageId)
    if (!target) return refuse(draft, call, unknownAnswer(draft, messageId))
    const same = sameWish(draft, command)
    if (same) return awaitAnswer(draft, call, same)
    if (!makeRoom(draft, call, whenBusy)) return
    askAgain(draft, { call, answerId, isAgain: true }, target, asked)
  },
  edit(draft, { call, messageId, id, answerId, content, asked, whenBusy }) {
    const message = draft.tree.nodes.get(messageId)
    const refusal =
      message?.role === 'user'
        ? cannotAsk(draft, askedOf(draft, asked), [id, answerId])
        : notAUsers(messageId, message)
    if (!message || refusal) return refuse(draft, call, refusal ?? unknownMessage(messageId))
    if (!makeRoom(draft, call, whenBusy)) return
    const previousLeafId = leafId(draft.tree)
    write(draft, id, {
      place: { rank: rank.tree, parentId: message.parentId },
      body: userBody(draft, content, {}),
      metadata: content.metadata,
    })
    keepFiles(draft, id, content.files)
    awaitAnswer(draft, call, answerId)
    startAnswer(draft, {
      id: answerId,
      parentId: id,
      asked: askedOf(draft, asked),
      previousLeafId,
    })
  },
  retry(draft, { call, answerId }) {
    const [running] = shownAnswers(draft)
    if (running) return awaitAnswer(draft, call, running)
    const failedId = draft.here.failure?.id ?? leafId(draft.tree) ?? ''
    const failed = draft.tree.nodes.get(failedId)
    const isUnfinished = failed?.status === 'error' || failed?.status === 'interrupted'
    if (!failed || failed.role !== 'assistant' || !isUnfinished) {
      return settle(draft, call, undefined)
    }
    // What fal may still say is not paid for again.
    if (failed.job) return followAgain(draft, call, failedId)
    askAgain(draft, { call, answerId }, { parentId: failed.parentId, answerId: failedId }, {})
  },
  continue(draft, { call }) {
    const [running] = shownAnswers(draft)
    if (running) return awaitAnswer(draft, call, running)
    const leaf = draft.tree.nodes.get(leafId(draft.tree) ?? '')
    const isCut =
      leaf?.status === 'stopped' ||
      leaf?.status === 'interrupted' ||
      (leaf?.status === 'done' && leaf.finishReason === 'length')
    if (!leaf || leaf.role !== 'assistant' || !isCut) return settle(draft, call, undefined)
    if (leaf.job) return followAgain(draft, call, leaf.id)
    awaitAnswer(draft, call, leaf.id)
    reopenAnswer(draft, leaf.id, 'ask')
  },
  open: (draft, { call }) => settle(draft, call, undefined),
  resume(draft, { call }) {
    claimJobs(draft, { withDetached: true })
    const { runs, claims } = draft.here
    const ids = [...shownAnswers(draft), ...claims, ...runs.keys()]
    const id = ids.find((one) => draft.kept.messages.get(one)?.body.job) ?? ids[0]
    if (id === undefined) return settle(draft, call, undefined)
    awaitAnswer(draft, call, id)
  },
  stop(draft, { call }) {
    stopShown(draft)
    settle(draft, call, undefined)
  },
  detach(draft, { call }) {
    for (const id of draft.here.runs.keys()) leaveAnswer(draft, id)
    settle(draft, call, undefined)
  },
  destroy(draft, { call }) {
    for (const id of draft.here.runs.keys()) {
      foldRun(draft, id)
      draft.effects.push({ type: 'leave', id })
    }
    for (const open of draft.here.calls.keys()) refuse(draft, open, closedError())
    for (const command of draft.here.commands) refuse(draft, command.call, closedError())
    setHere(draft, { isClosed: true, runs: new Map(), calls: new Map(), commands: [] })
    settle(draft, call, undefined)
  },
  clear(draft, { call }) {
    for (const [id, { body }] of lineOf(draft.kept)) {
      draft.effects.push({ type: 'drop-files', id })
      settleCallsOf(draft, body.answerId ?? '', takenBackError('cleared'))
    }
    replaceMessages(draft, [], [])
    settle(draft, call, undefined)
  },
  'clear-error'(draft, { call }) {
    if (draft.here.failure) setHere(draft, { failure: undefined })
    settle(draft, call, undefined)
  },
  'set-messages'(draft, { call, messages }) {
    replaceMessages(draft, messages, lineOf(draft.kept))
    settle(draft, call, undefined)
  },
  switch(draft, { call, messageId, to }) {
    const message = draft.tree.nodes.get(messageId)
    if (!message) return refuse(draft, call, unknownMessage(messageId))
    if (isBusy(draft)) return refuse(draft, call, busyError())
    const sibling = siblingOf(draft.tree, message, to)
    // A step past either end is an arrow on a screen.
    if (sibling !== undefined) show(draft, sibling)
    settle(draft, call, undefined)
  },
  'take-back'(draft, { call, messageId }) {
    const entry = draft.kept.messages.get(messageId)
    if (entry?.place.rank !== rank.line) return refuse(draft, call, notWaiting(messageId))
    const result = takenBack(draft, messageId, entry)
    write(draft, messageId, { place: { rank: rank.takenBack, parentId: null } })
    draft.effects.push({ type: 'drop-files', id: messageId })
    settleCallsOf(draft, entry.body.answerId ?? '', takenBackError('taken back'))
    settle(draft, call, result)
  },
  'send-now'(draft, { call, messageId }) {
    const entry = draft.kept.messages.get(messageId)
    if (entry?.place.rank !== rank.line) return refuse(draft, call, notWaiting(messageId))
    stopShown(draft)
    const mine = new Set([...draft.here.mine, ...lineOf(draft.kept).map(([id]) => id)])
    setHere(draft, { isPaused: false, mine })
    awaitAnswer(draft, call, entry.body.answerId ?? '')
    sendFromLine(draft, messageId, entry)
  },
  remove(draft, { call, messageId }) {
    if (!draft.tree.nodes.has(messageId)) return refuse(draft, call, unknownMessage(messageId))
    const doomed = subtreeOf(draft.tree, messageId)
    const { runs, alive } = draft.here
    const isWritten = doomed.some((id) => runs.has(id) || alive.has(id))
    if (isWritten || isBusy(draft)) return refuse(draft, call, busyError())
    writeAll(
      draft,
      doomed.flatMap((id) => removed(draft, id)),
    )
    settle(draft, call, undefined)
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
    settle(draft, call, undefined)
  },
}

function perform<Name extends Command['do']>(draft: Draft, command: Of<Name>): void {
  handlers[command.do as Name](draft, command)
}

/** Sends the first of what waits, where a person of this chat wants the line to move. */
function moveLine(draft: Draft): void {
  const { here } = draft
  if (here.isClosed || here.isPaused || here.mine.size === 0) return
  if (!isOpen(draft) || isBusy(draft)) return
  const line = lineOf(draft.kept)
  const [head] = line
  if (!head || !line.some(([id]) => here.mine.has(id))) return
  sendFromLine(draft, ...head)
}

function sendFromLine(draft: Draft, id: string, { body }: Entry): void {
  const previousLeafId = leafId(draft.tree)
  const isOurs = body.by === draft.here.by
  write(draft, id, { place: { rank: rank.tree, parentId: previousLeafId } })
  show(draft, id)
  const { answerId = `${id}-answer` } = body
  // Another chat has asked already.
  if (draft.kept.messages.has(answerId)) return
  const asked = askedOf(draft, body.asked ?? {})
  startAnswer(draft, { id: answerId, parentId: id, asked, previousLeafId, isShared: !isOurs })
}

/** Finds out of every answer that fal may still say, or another chat may write, who goes on with it. */
export function claimJobs(
  draft: Draft,
  { withDetached }: { readonly withDetached: boolean },
): void {
  const { runs, alive, claims, detached, settings } = draft.here
  const found = new Set(claims)
  for (const [id, { body, place }] of draft.kept.messages) {
    if (body.cancel) draft.effects.push({ type: 'cancel', id, job: body.cancel })
    if (place.rank !== rank.tree || runs.has(id) || alive.has(id) || found.has(id)) continue
    const isLeft = detached.has(id) && !withDetached
    const mayLive = !body.ended && settings.hasLocks
    if ((!body.job || isLeft) && !mayLive) continue
    found.add(id)
    draft.effects.push({ type: 'claim', id })
  }
  if (found.size > claims.size) setHere(draft, { claims: found })
}

function followAgain(draft: Draft, call: number, id: string): void {
  awaitAnswer(draft, call, id)
  reopenAnswer(draft, id, 'follow')
}

interface Target {
  readonly parentId: string | null
  /** The answer that is asked for again. */
  readonly answerId: string | undefined
}

/** The turn that an answer is asked for again, and that answer. */
function answerOf(draft: Draft, messageId: string | undefined): Target | undefined {
  const message = draft.tree.nodes.get(messageId ?? leafId(draft.tree) ?? '')
  if (message?.role !== 'user') {
    return message?.parentId ? { parentId: message.parentId, answerId: message.id } : undefined
  }
  return { parentId: message.id, answerId: draft.tree.chosen.get(forkOf(message.id)) }
}

function askAgain(
  draft: Draft,
  { call, answerId, isAgain = false }: { call: number; answerId: string; isAgain?: boolean },
  target: Target,
  own: Asked,
): void {
  const asked = askedAgain(draft, target.answerId, own)
  const refusal =
    target.parentId === null ? unknownMessage('') : cannotAsk(draft, asked, [answerId])
  if (target.parentId === null || refusal) {
    return refuse(draft, call, refusal ?? unknownMessage(''))
  }
  awaitAnswer(draft, call, answerId)
  const previousLeafId = leafId(draft.tree)
  startAnswer(draft, { id: answerId, parentId: target.parentId, asked, previousLeafId, isAgain })
}

/** The answer being written that a double `regenerate` means. */
function sameWish(draft: Draft, command: Command): string | undefined {
  if (command.do !== 'regenerate') return undefined
  const target = answerOf(draft, command.messageId)
  for (const [id, { isAgain, phase, body }] of draft.here.runs) {
    const isPending = isAgain && phase !== 'streaming'
    if (!isPending || draft.tree.nodes.get(id)?.parentId !== target?.parentId) continue
    const asked = askedAgain(draft, id, command.asked)
    if (JSON.stringify(asked) === JSON.stringify(body.asked)) return id
  }
  return undefined
}

/** How an answer is asked: as the chat asks, unless the call says otherwise. */
function askedOf(draft: Draft, own: Asked): Asked {
  return { ...draft.here.settings.asked, ...own }
}

/** How an answer is asked again: as before, unless the call says otherwise. */
function askedAgain(draft: Draft, answerId: string | undefined, own: Asked): Asked {
  const body = draft.kept.messages.get(answerId ?? '')?.body
  if (!body) return askedOf(draft, own)
  const { endpoint, model } = body
  const before = body.asked ?? {
    ...draft.here.settings.asked,
    ...(endpoint !== undefined && { endpoint }),
    ...(model !== undefined && { model }),
  }
  // Another endpoint has other models and parameters.
  const isElsewhere = own.endpoint !== undefined && own.endpoint !== before.endpoint
  return isElsewhere ? askedOf(draft, own) : { ...before, ...own }
}

function cannotAsk(draft: Draft, { mode }: Asked, ids: readonly string[]): FalLlmError | undefined {
  const known = ids.find((id, index) => draft.kept.messages.has(id) || ids.indexOf(id) !== index)
  if (known !== undefined) return knownId(known)
  if (mode !== 'durable' || draft.here.settings.hasStorage) return undefined
  return new FalLlmError(
    'invalid-input',
    "mode: 'durable' needs a storage to keep the answer's id in. Give the chat one, for example storage: indexedDbStorage()",
  )
}

function userBody(
  draft: Draft,
  content: Of<'send'>['content'],
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

function keepFiles(draft: Draft, id: string, files: readonly (Blob | string | undefined)[]): void {
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
function removed(
  draft: Draft,
  id: string,
): readonly (readonly [string, Pick<Entry['place'], 'rank' | 'parentId'>, BodyFields])[] {
  const entry = draft.kept.messages.get(id)
  if (!entry) return []
  const { attempt, role, createdAt, model, usage } = entry.body
  const body: BodyFields = {
    attempt,
    ended: true,
    role,
    parts: [],
    status: 'done',
    createdAt,
    ...(model !== undefined && { model }),
    ...(usage && { usage }),
  }
  return [[id, { rank: rank.removed, parentId: entry.place.parentId }, body]]
}

/** The content of a turn, handed back to who typed it. */
function takenBack(draft: Draft, id: string, { body, metadata }: Entry): CallResult {
  const files = draft.here.files.get(id) ?? []
  const images = body.parts
    .filter((part) => part.type === 'image')
    .flatMap(({ url }, index) => [url || files[index]].filter((image) => image !== undefined))
  return {
    text: wordsOf(body.parts).text,
    images,
    metadata: metadata?.value,
    options: body.asked ?? {},
  }
}

function unknownMessage(messageId: string): FalLlmError {
  return new FalLlmError('invalid-input', `There is no message "${messageId}" in this conversation`)
}

function unknownAnswer(draft: Draft, messageId: string | undefined): FalLlmError {
  if (messageId !== undefined && !draft.tree.nodes.has(messageId)) return unknownMessage(messageId)
  return new FalLlmError('invalid-input', 'There is no answer to write again. send() one first')
}

function notAUsers(messageId: string, message: ChatMessage | undefined): FalLlmError {
  if (!message) return unknownMessage(messageId)
  return new FalLlmError(
    'invalid-input',
    `Only a user's message can be edited, "${messageId}" is the ${message.role}'s. Use regenerate(), or update() to change its words`,
  )
}

function notWaiting(messageId: string): FalLlmError {
  return new FalLlmError('invalid-input', `Nothing waits under the id "${messageId}"`)
}

function knownId(id: string): FalLlmError {
  return new FalLlmError(
    'invalid-input',
    `There is a message "${id}" already. createId() must give a new id each time`,
  )
}

function takenBackError(how: 'taken back' | 'cleared'): FalLlmError {
  return new FalLlmError('cancelled', `The message was ${how} before it was sent`)
}

function closedError(): FalLlmError {
  return new FalLlmError('cancelled', 'The chat was destroyed. Create a new one to go on')
}

/** Ends every answer that is written here without a word of it lost; for a conversation that is gone elsewhere. */
export function dropRun(draft: Draft, id: string): void {
  const job = draft.here.runs.get(id)?.body.job
  draft.effects.push({ type: job ? 'leave' : 'abort', id })
  if (job) draft.effects.push({ type: 'cancel', id, job })
  endAnswer(draft, id, { status: 'stopped' })
}
