// What other chats do with the conversation: other tabs, other processes, the page before a reload. It is read in a
// storage, so it comes with one.

import { FalLlmError } from '../../../errors.ts'
import { reopenAnswer } from './answer-progress.ts'
import { endAnswer, withWords } from './end-answer.ts'
import type { ChatEvent } from '../chat-event.ts'
import { isOpen } from '../commands.ts'
import { greatestOf, rank } from '../../kept.ts'
import type { Run } from '../conversation.ts'
import type { Body, Kept } from '../../kept.ts'
import { replaceKept, setHere, setRun, settleCallsOf, show, withOne, write } from '../draft.ts'
import type { Draft } from '../draft.ts'
import { leafId } from '../message-tree.ts'
import { wordsOf } from '../to-message.ts'
import { withoutOne } from './without-one.ts'

type Of<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>

/** Takes what was read and merged. What others wrote meanwhile ends what it contradicts here. */
export function takeStored(draft: Draft, { source, kept, files }: Of<'stored-merged'>): void {
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
  else if (hasMoreWords(run, body)) write(draft, id, { body: withWords({ ...run, body }) })
}

/** Whether words came here that whoever stopped the answer had not read yet. */
function hasMoreWords({ text, reasoning }: Run, body: Body): boolean {
  const known = wordsOf(body.parts)
  const goesOn = text.startsWith(known.text) && reasoning.startsWith(known.reasoning)
  const isLonger = text.length > known.text.length || reasoning.length > known.reasoning.length
  return body.status === 'stopped' && goesOn && isLonger
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

/** What is stored is known now, or the storage's patience is over. */
export function openStorage(draft: Draft, { source }: Of<'storage-opened'>): void {
  const { storage, settings } = draft.here
  if (storage.source !== source || storage.read === 'open') return
  setHere(draft, { storage: { ...storage, read: 'open' } })
  if (settings.resume) claimJobs(draft, { withDetached: false })
}

/** Nobody else writes an answer: a job is followed, the rest stays as it was cut off. */
export function takeClaim(draft: Draft, { id }: Of<'claim-granted'>): void {
  const { claims, alive } = draft.here
  setHere(draft, { claims: withoutOne(claims, id), alive: withoutOne(alive, id) })
  const entry = draft.kept.messages.get(id)
  if (draft.here.isClosed || entry?.place.rank !== rank.tree) return
  if (entry.body.job) reopenAnswer(draft, id, 'follow')
  // Nobody writes it any more.
  else settleCallsOf(draft, id)
}

/** Another page writes an answer. */
export function leaveClaim(draft: Draft, { id }: Of<'claim-refused'>): void {
  const { claims, alive } = draft.here
  const isWritten = draft.kept.messages.get(id)?.body.ended === false
  setHere(draft, {
    claims: withoutOne(claims, id),
    alive: isWritten ? withOne(alive, id) : alive,
  })
}

/** Ends every answer that is written here without a word of it lost; for a conversation that is gone elsewhere. */
function dropRun(draft: Draft, id: string): void {
  const job = draft.here.runs.get(id)?.body.job
  draft.effects.push({ type: job ? 'leave' : 'abort', id })
  if (job) draft.effects.push({ type: 'cancel', id, job })
  endAnswer(draft, id, { status: 'stopped' })
}
