// The beginning of an answer, and the end of one that nobody was asked for yet; every other end is in end-answer.ts.

import { FalLlmError } from '../../errors.ts'
import { rank } from '../kept.ts'
import type { Run } from './conversation.ts'
import type { Asked, BodyFields } from '../kept.ts'
import { lineOf, setHere, setRun, settleCallsOf, show, write } from './draft.ts'
import type { Draft } from './draft.ts'
import { isShown } from './message-tree.ts'
import { wordsOf } from './to-message.ts'

/** A storage holds a question up this long, milliseconds; the id of a job longer. */
export const patience = { questionMs: 50, jobMs: 2_000 } as const

/** Begins an answer below a turn, shows it, and asks for it. */
export function startAnswer(
  draft: Draft,
  answer: {
    readonly id: string
    readonly parentId: string
    readonly asked: Asked
    readonly previousLeafId: string | null
    /** Another chat may ask for the same one: what is stored decides. */
    readonly isShared?: boolean
    readonly isAgain?: boolean
  },
): void {
  const { id, parentId, asked, previousLeafId, isShared = false, isAgain = false } = answer
  const body: BodyFields = {
    attempt: 1,
    ended: false,
    role: 'assistant',
    parts: [],
    status: 'pending',
    createdAt: draft.moment.now,
    asked,
    ...(asked.endpoint !== undefined && { endpoint: asked.endpoint }),
    ...(asked.model !== undefined && { model: asked.model }),
  }
  write(draft, id, { place: { rank: rank.tree, parentId }, body })
  show(draft, id)
  beginRun(draft, id, { phase: 'submitted', isStale: false, previousLeafId, isAgain })
  const waitMs = isShared ? patience.jobMs : patience.questionMs
  draft.effects.push({ type: 'ask', id, attempt: 1, waitMs })
}

/** An answer is worked on here from now on. */
export function beginRun(
  draft: Draft,
  id: string,
  run: Pick<Run, 'phase' | 'isStale' | 'previousLeafId' | 'isAgain'>,
): void {
  const body = draft.kept.messages.get(id)?.body
  if (!body) return
  const { text, reasoning } = wordsOf(body.parts)
  // A job says its whole answer and what that used; an answer that is continued uses more.
  const before = run.isStale
    ? { usage: undefined, words: 0 }
    : { usage: body.usage, words: reasoning.length + text.length }
  setRun(draft, id, { ...run, body, text, reasoning, before })
  setHere(draft, { failure: undefined })
}

/** What waits, waits for a person. */
export function pauseLine(draft: Draft): void {
  if (lineOf(draft.kept).length > 0) setHere(draft, { isPaused: true })
}

/** Stops an answer in its own event, whoever writes it. */
export function stopAnswer(draft: Draft, id: string): void {
  if (draft.loaded) draft.loaded.stopAnswer(draft, id)
  else takeBack(draft, id)
}

/** Ends an answer that nobody was asked for yet: there is no word of it and no job. */
export function takeBack(draft: Draft, id: string, error?: FalLlmError): void {
  const run = draft.here.runs.get(id)
  if (!run) return
  setRun(draft, id, undefined)
  const status = error ? 'error' : 'stopped'
  write(draft, id, { body: { ...run.body, ended: true, status, ...(error && { error }) } })
  if (error) setHere(draft, { failure: { error, id } })
  pauseLine(draft)
  settleCallsOf(draft, id)
}

/** The answers being written on the shown path, by this chat or another, or about to be followed. */
export function shownAnswers(draft: Pick<Draft, 'tree' | 'here'>): readonly string[] {
  const { runs, alive, claims } = draft.here
  return [...runs.keys(), ...alive, ...claims].filter((id) => isShown(draft.tree, id))
}

/** What `busy` says. */
export function busyError(): FalLlmError {
  return new FalLlmError(
    'busy',
    "An answer is being written. Await it, stop() it, or set whenBusy to 'queue' or 'interrupt'",
  )
}
