// The life of an answer: asked for or followed, written, ended. Every way out goes through `endAnswer`.

import { FalLlmError } from '../../errors.ts'
import type { Timing, Usage } from '../../events.ts'
import { estimateUsage } from '../../generate/estimate-usage.ts'
import { addUsages } from '../snapshot/session-usage.ts'
import type { Ending } from './answer-ending.ts'
import { rank } from './conversation.ts'
import type { Asked, Body, BodyFields, KeptJob, Run } from './conversation.ts'
import {
  lineOf,
  setHere,
  setRun,
  settleCallsOf,
  show,
  withOne,
  withoutOne,
  write,
} from './draft.ts'
import type { Draft } from './draft.ts'
import { isShown, pathTo } from './message-tree.ts'
import { answerParts, wordsOf } from './to-message.ts'

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

/** The answer that is being written here, if this attempt is still the one. */
export function currentRun(
  draft: Pick<Draft, 'here'>,
  id: string,
  attempt: number,
): Run | undefined {
  const run = draft.here.runs.get(id)
  return run?.body.attempt === attempt ? run : undefined
}

/** Lets the words of an answer being written enter its body. */
export function foldRun(draft: Draft, id: string): void {
  const run = draft.here.runs.get(id)
  if (!run) return
  const body = withWords(run)
  if (body === run.body) return
  write(draft, id, { body })
  const written = draft.kept.messages.get(id)?.body
  if (written) setRun(draft, id, { ...run, body: written })
}

/** A body with the words as they are now. */
export function withWords(run: Run): Body {
  const { body, text, reasoning } = run
  const known = wordsOf(body.parts)
  const isSame = known.text === text && known.reasoning === reasoning
  const others = body.parts.filter(({ type }) => type !== 'text' && type !== 'reasoning')
  return isSame ? body : { ...body, parts: [...others, ...answerParts(text, reasoning)] }
}

/** A job is to be cancelled: due until fal has confirmed it, over a crash too. */
export function cancelJob(draft: Draft, id: string, job: KeptJob): void {
  const body = draft.kept.messages.get(id)?.body
  if (!body) return
  const { job: _, ...rest } = body
  write(draft, id, { body: { ...rest, cancel: job } })
  draft.effects.push({ type: 'cancel', id, job })
}

/** Ends an answer that is being written here: its words, its ending and the going of its job are one write. */
export function endAnswer(
  draft: Draft,
  id: string,
  { status, error, keepsJob = false }: Ending,
  timing: Timing | undefined = draft.moment.timings.get(id),
): void {
  const run = draft.here.runs.get(id)
  if (!run) return
  const { job, error: _, ...rest } = withWords(run)
  const usage = usageOf(run)
  const wasShown = isShown(draft.tree, id)
  setRun(draft, id, undefined)
  write(draft, id, {
    body: {
      ...rest,
      ended: true,
      status,
      ...(error && { error }),
      ...(usage && { usage }),
      ...(timing && { timing }),
      ...(job && keepsJob && { job }),
    },
  })
  // A refused version gives the screen back to the one before it; its words stay in the branch.
  if (status === 'error' && isOtherBranch(draft, id, run.previousLeafId)) {
    show(draft, run.previousLeafId ?? '')
  }
  const hasFailed = status === 'error' || (status === 'interrupted' && error !== undefined)
  if (wasShown && hasFailed) setHere(draft, { failure: { error, id } })
  // What waits is not sent behind a person's back after a stop or a failure; a job that is kept is none.
  if (wasShown && status !== 'done' && !keepsJob) pauseLine(draft)
  settleCallsOf(draft, id)
  const message = draft.tree.nodes.get(id)
  if (error && message) draft.effects.push({ type: 'failed', error, message })
}

/** What fal reported, else an estimate of what was said since. */
function usageOf({ body, before, text, reasoning }: Run): Usage | undefined {
  const words = (reasoning + text).slice(before.words)
  if (body.usage !== before.usage || !words) return body.usage
  return withUsage(before.usage, estimateUsage(body.context?.estimatedTokens ?? 0, words))
}

/** What an answer used in all, when it was continued. */
export function withUsage(before: Usage | undefined, usage: Usage): Usage {
  return before ? addUsages(before, usage) : usage
}

/** What waits, waits for a person. */
export function pauseLine(draft: Draft): void {
  if (lineOf(draft.kept).length > 0) setHere(draft, { isPaused: true })
}

/** Whether the leaf seen before is off the path of the answer, as after a regenerate or an edit. */
function isOtherBranch(draft: Draft, id: string, previousLeafId: string | null): boolean {
  // A version that failed as well is nothing to go back to.
  if (previousLeafId === null) return false
  const previous = draft.tree.nodes.get(previousLeafId)
  if (!previous || previous.status === 'error') return false
  return pathTo(draft.tree, id).every((node) => node.id !== previousLeafId)
}

/** Stops an answer in its own event, whoever writes it; a job is cancelled. */
export function stopAnswer(draft: Draft, id: string): void {
  const run = draft.here.runs.get(id)
  const body = run?.body ?? draft.kept.messages.get(id)?.body
  if (!body) return
  const { job } = body
  if (!run) {
    // Another chat writes it: the higher attempt tells that one to leave.
    const { job: _, ...rest } = body
    setHere(draft, {
      alive: withoutOne(draft.here.alive, id),
      claims: withoutOne(draft.here.claims, id),
    })
    write(draft, id, {
      body: { ...rest, attempt: body.attempt + 1, ended: true, status: 'stopped' },
    })
    settleCallsOf(draft, id)
  } else {
    draft.effects.push({ type: job ? 'leave' : 'abort', id })
    endAnswer(draft, id, { status: 'stopped' })
  }
  if (job) cancelJob(draft, id, job)
}

/** Stops listening to an answer that is being written here. A durable one goes on at fal, and is found again. */
export function leaveAnswer(draft: Draft, id: string): void {
  const run = draft.here.runs.get(id)
  if (!run) return
  const isDurable = run.body.job !== undefined || run.body.asked?.mode === 'durable'
  draft.effects.push({ type: 'leave', id })
  if (!isDurable) return endAnswer(draft, id, { status: 'stopped' })
  setHere(draft, { detached: withOne(draft.here.detached, id) })
  endAnswer(draft, id, { status: 'interrupted', keepsJob: true })
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
