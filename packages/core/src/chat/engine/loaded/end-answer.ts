// How an answer that is written here is ended, stopped or left, and how its words enter what is kept. Loaded with the
// first question: before it there is nothing to end but a wish.

import type { Timing, Usage } from '../../../events.ts'
import { estimateUsage } from '../../../generate/estimate-usage.ts'
import { sumUsage } from '../../session-usage.ts'
import type { Ending } from './answer-ending.ts'
import { pauseLine } from '../answers.ts'
import type { Conversation, Run } from '../conversation.ts'
import type { Body, KeptJob } from '../../kept.ts'
import { draftOf, setHere, setRun, settleCallsOf, show, valueOf, withOne, write } from '../draft.ts'
import type { Draft } from '../draft.ts'
import { isShown, pathTo } from '../message-tree.ts'
import { answerParts, wordsOf } from '../to-message.ts'
import { withoutOne } from './without-one.ts'

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

/** What an answer used in all: what it used before it was continued, and since. */
export function withUsage(before: Usage | undefined, since: Usage): Usage {
  if (!before) return since
  const role = 'assistant'
  const answers = [before, since].map((usage) => ({ role, usage }) as const)
  const { turns: _, estimatedTurns: __, byModel: ___, ...usage } = sumUsage(answers)
  return usage
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

/** Lets the words of every answer being written enter what is kept. */
export function foldWords(value: Conversation): Conversation {
  if (value.here.runs.size === 0) return value
  const draft = draftOf(value, { now: 0, timings: new Map() })
  for (const id of value.here.runs.keys()) foldRun(draft, id)
  return valueOf(draft, value)
}
