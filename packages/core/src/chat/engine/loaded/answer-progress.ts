// What becomes of an answer once it is asked for: its words, its job, its ending. Loaded with the first question.

import type { GenerationEvent } from '../../../events.ts'
import { endingOf } from './answer-ending.ts'
import { beginRun, patience } from '../answers.ts'
import type { ChatEvent } from '../chat-event.ts'
import type { Run } from '../conversation.ts'
import { cancelJob, currentRun, endAnswer, withUsage, withWords } from './end-answer.ts'
import { setHere, setRun, write } from '../draft.ts'
import type { Draft } from '../draft.ts'
import { withoutOne } from './without-one.ts'

type Of<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>

/** Goes on with an answer that has ended or that nobody writes: its job is followed, or more is asked for. */
export function reopenAnswer(draft: Draft, id: string, how: 'follow' | 'ask'): void {
  const before = draft.kept.messages.get(id)?.body
  if (!before || draft.here.runs.has(id)) return
  const { error: _, queue: __, finishReason: ___, timing: ____, ...rest } = before
  const attempt = before.attempt + 1
  write(draft, id, { body: { ...rest, attempt, ended: false, status: 'pending' } })
  setHere(draft, {
    alive: withoutOne(draft.here.alive, id),
    detached: withoutOne(draft.here.detached, id),
  })
  const isStale = how === 'follow'
  const phase = isStale ? 'queued' : 'submitted'
  beginRun(draft, id, { phase, isStale, previousLeafId: null, isAgain: false })
  const waitMs = isStale ? 0 : patience.questionMs
  draft.effects.push({ type: how, id, attempt, waitMs })
}

/** Takes what the model says. Only `here` changes: a token costs the same in a conversation of any length. */
export function handleAnswerEvents(
  draft: Draft,
  { id, attempt, events }: Of<'answer-events'>,
): void {
  const run = currentRun(draft, id, attempt)
  if (run) setRun(draft, id, events.reduce(handleEvent, run))
}

function handleEvent(run: Run, event: GenerationEvent): Run {
  const { body } = run
  switch (event.type) {
    case 'text-delta':
      return withDelta(run, event.delta, '')
    case 'reasoning-delta':
      return withDelta(run, '', event.delta)
    case 'reset':
      return { ...run, text: '', reasoning: '', isStale: false }
    case 'start':
      return {
        ...run,
        body: {
          ...body,
          ...(event.requestId !== undefined && { requestId: event.requestId }),
          ...(event.model !== undefined && { model: event.model }),
          ...(event.reasoningForced && { reasoningForced: true }),
        },
      }
    case 'queue-update': {
      const queue = {
        logs: [...(body.queue?.logs ?? []), ...event.logs],
        ...(event.position !== undefined && { position: event.position }),
      }
      const phase = run.phase === 'streaming' ? run.phase : 'queued'
      return { ...run, phase, body: { ...body, requestId: event.requestId, queue } }
    }
    case 'usage':
      return { ...run, body: { ...body, usage: withUsage(run.before.usage, event.usage) } }
    case 'finish':
      return { ...run, body: { ...body, finishReason: event.reason } }
  }
}

function withDelta(run: Run, text: string, reasoning: string): Run {
  const { isStale, body } = run
  return {
    ...run,
    body: body.status === 'streaming' ? body : { ...body, status: 'streaming' },
    phase: 'streaming',
    isStale: false,
    text: (isStale ? '' : run.text) + text,
    reasoning: (isStale ? '' : run.reasoning) + reasoning,
  }
}

/** fal has taken a durable answer: its id is kept, and it is followed once that is stored. */
export function acceptAnswer(
  draft: Draft,
  { id, attempt, job, reasoningForced }: Of<'answer-accepted'>,
): void {
  const run = currentRun(draft, id, attempt)
  const body = draft.kept.messages.get(id)?.body
  if (run) {
    const forced = reasoningForced && { reasoningForced }
    write(draft, id, {
      body: { ...withWords(run), job, requestId: job.requestId, ...forced },
    })
    const written = draft.kept.messages.get(id)?.body
    if (written) setRun(draft, id, { ...run, body: written })
    draft.effects.push({ type: 'follow', id, attempt, waitMs: patience.jobMs })
    return
  }
  // It was left, or stopped, while its id was on the way.
  if (!body || body.attempt !== attempt || body.job) return
  if (draft.here.detached.has(id) || draft.here.isClosed)
    return write(draft, id, { body: { ...body, job } })
  cancelJob(draft, id, job)
}

/** The work on an answer is over. */
export function finishAnswer(draft: Draft, { id, attempt, outcome }: Of<'answer-ended'>): void {
  const run = currentRun(draft, id, attempt)
  if (!run) return
  const { timing } = outcome
  // A job that said nothing said so: what was there of an earlier try is not its answer.
  if (outcome.ok && run.isStale) setRun(draft, id, { ...run, text: '', reasoning: '' })
  if (!outcome.ok) {
    const facts = { isDurable: run.body.job !== undefined, hasWords: run.text !== '' }
    const ending = endingOf(outcome.error, facts)
    return endAnswer(draft, id, ending, timing)
  }
  if (outcome.toolCalls.length > 0) {
    const { toolCalls } = outcome
    const last = draft.here.runs.get(id) ?? run
    setRun(draft, id, { ...last, body: { ...last.body, toolCalls } })
  }
  endAnswer(draft, id, { status: 'done' }, timing)
  const message = draft.tree.nodes.get(id)
  if (message) draft.effects.push({ type: 'finished', message })
}

/** The files of a turn are at fal. */
export function takeUploads(draft: Draft, { id, urls }: Of<'turn-uploaded'>): void {
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
}

/** fal has confirmed that a job is cancelled. */
export function forgetCancelled(draft: Draft, { id }: Of<'job-cancelled'>): void {
  const body = draft.kept.messages.get(id)?.body
  if (!body?.cancel) return
  const { cancel: _, ...rest } = body
  write(draft, id, { body: rest })
}
