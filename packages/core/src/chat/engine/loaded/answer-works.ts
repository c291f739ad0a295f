// The work on the answers of one conversation: asking and following, each with its clock, its lock and its words.

import type { GenerationEvent, Timing } from '../../../events.ts'
import { appendEvent } from '../../../generate/event-log.ts'
import type { EventLog } from '../../../generate/event-log.ts'
import type { GenerationRun } from '../../../generate/run.ts'
import { createStopwatch } from '../../../generate/timing.ts'
import type { Stopwatch } from '../../../generate/timing.ts'
import { toFalLlmError } from '../../../errors.ts'
import { callSafely } from '../../../store.ts'
import type { RequestBuilder } from '../../prompt/build-request.ts'
import type { Persistence } from '../../storage/persistence.ts'
import type { ChatEvent, Effect } from '../chat-event.ts'
import type { WorkerHost } from '../engine.ts'
import { pathTo } from '../message-tree.ts'
import type { AnswerLocks } from './answer-locks.ts'
import { atMost } from './at-most.ts'
import { currentRun } from './end-answer.ts'
import { runAnswer, stoppedError } from './run-answer.ts'
import type { AnswerReport, AnswerTask } from './run-answer.ts'

/** What works on answers need of the worker. */
export interface AnswerWorksHost extends WorkerHost {
  readonly builder: RequestBuilder
  readonly locks: AnswerLocks
  /** The storage, once it is open. */
  storage(): Persistence | undefined
}

/** The work on the answers of one conversation, each by its id. */
export interface AnswerWorks {
  start(effect: Extract<Effect, { type: 'ask' | 'follow' }>): Promise<void>
  /** Gives an answer up. */
  abort(id: string): void
  /** Lets a job go on that fal may have taken; what was not asked yet is not asked any more. */
  leave(id: string): void
  has(id: string): boolean
  /** What answers said since somebody looked. */
  takeEvents(): readonly ChatEvent[]
  /** What is known of the answers being written. */
  timings(): ReadonlyMap<string, Timing>
}

/** The work on one answer. */
interface Work {
  readonly id: string
  readonly attempt: number
  readonly control: AbortController
  readonly stopwatch: Stopwatch
  run: GenerationRun | undefined
  /** fal may have taken it: it is left, not given up. */
  isSubmitted: boolean
  isLeft: boolean
}

/** Words that came since somebody looked, by the answer's id: a token nobody sees costs a longer string. */
type PendingEvents = Map<string, { readonly attempt: number; readonly events: EventLog }>

const nothing: readonly ChatEvent[] = []

/** Starts without any work. */
export function createAnswerWorks(host: AnswerWorksHost): AnswerWorks {
  const works = new Map<string, Work>()
  const pendingEvents: PendingEvents = new Map()
  return {
    async start({ id, attempt, waitMs, type }) {
      const work: Work = {
        id,
        attempt,
        control: new AbortController(),
        // A job goes on with the clock of its question.
        stopwatch: works.get(id)?.stopwatch ?? createStopwatch(Date.now, () => performance.now()),
        run: undefined,
        isSubmitted: false,
        isLeft: false,
      }
      works.set(id, work)
      if (host.value().here.settings.hasLocks) host.locks.hold(id)
      const storage = host.storage()
      if (waitMs > 0 && storage) await atMost(storage.flush(), waitMs)
      if (isCurrent(host, work)) await answer(host, work, type, pendingEvents)
      // A job that was accepted is followed by other work.
      if (works.get(id) !== work) return
      works.delete(id)
      host.locks.release(id)
    },
    abort(id) {
      const work = works.get(id)
      work?.control.abort(stoppedError())
      void work?.run?.stop()
    },
    leave(id) {
      const work = works.get(id)
      if (!work) return
      work.isLeft = true
      if (work.run) work.run.detach()
      else if (!work.isSubmitted) work.control.abort(stoppedError())
    },
    has: (id) => works.has(id),
    takeEvents() {
      if (pendingEvents.size === 0) return nothing
      const taken: ChatEvent[] = []
      pendingEvents.forEach(({ attempt, events }, id) =>
        taken.push({ type: 'answer-events', id, attempt, events }),
      )
      pendingEvents.clear()
      return taken
    },
    timings: () => new Map([...works].map(([id, { stopwatch }]) => [id, stopwatch.read()])),
  }
}

function isCurrent({ value }: AnswerWorksHost, { id, attempt }: Work): boolean {
  return currentRun(value(), id, attempt) !== undefined
}

/** Works on an answer to its end. */
async function answer(
  host: AnswerWorksHost,
  work: Work,
  type: 'ask' | 'follow',
  pendingEvents: PendingEvents,
): Promise<void> {
  const { id, attempt } = work
  const ending = await runAnswer(taskOf(host, work, type), reportOf(host, work, pendingEvents))
  if ('accepted' in ending) {
    const { accepted: job, reasoningForced } = ending
    host.dispatch({ type: 'answer-accepted', id, attempt, job, reasoningForced })
  } else {
    host.dispatch({ type: 'answer-ended', id, attempt, outcome: ending })
  }
}

function taskOf(host: AnswerWorksHost, work: Work, type: 'ask' | 'follow'): AnswerTask {
  const { id, control, stopwatch } = work
  const { memory, timeouts } = host.options()
  const { tree, here } = host.value()
  const parentId = tree.nodes.get(id)?.parentId ?? null
  const run = here.runs.get(id)
  const continues = type === 'ask' && run !== undefined && run.text !== ''
  return {
    llm: host.llm,
    memory,
    builder: host.builder,
    continues,
    callbackMs: timeouts?.callbackMs,
    signal: control.signal,
    stopwatch,
    asked: run?.body.asked ?? {},
    endpointOf: host.endpointOf,
    job: type === 'follow' ? run?.body.job : undefined,
    path: pathTo(tree, continues ? id : parentId),
    files: here.files.get(parentId ?? '') ?? [],
  }
}

function reportOf(host: AnswerWorksHost, work: Work, pendingEvents: PendingEvents): AnswerReport {
  const { id, attempt } = work
  const { dispatch } = host
  return {
    phase: (phase) => dispatch({ type: 'answer-phase', id, attempt, phase }),
    uploaded: (turnId, urls) => dispatch({ type: 'turn-uploaded', id: turnId, urls }),
    context: (context) => dispatch({ type: 'answer-context', id, attempt, context }),
    event: (event) => isCurrent(host, work) && takeEvent(host, work, event, pendingEvents),
    submitting: () => (work.isSubmitted = true),
    begun(run) {
      work.run = run
      if (work.isLeft) run.detach()
      else if (host.value().here.runs.get(id)?.body.job) {
        dispatch({ type: 'answer-phase', id, attempt, phase: 'queued' })
      }
    },
    failedCallback: (error) => host.report(toFalLlmError(error)),
  }
}

function takeEvent(
  host: AnswerWorksHost,
  { id, attempt }: Work,
  event: GenerationEvent,
  pendingEvents: PendingEvents,
): void {
  const log = pendingEvents.get(id) ?? { attempt, events: [] }
  pendingEvents.set(id, log)
  appendEvent(log.events, event)
  host.storage()?.touch()
  host.changedSoon()
  const { onEvent } = host.options()
  if (onEvent) callSafely(() => onEvent(event, id))
}
