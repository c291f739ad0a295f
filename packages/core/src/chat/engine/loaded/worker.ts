// Performs the effects that begin something: reads and writes, questions, jobs that are followed, locks, cancels. Each ends
// in exactly one event, within its limit, whatever it waits for. Loaded with the first of them.

import type { EndpointId } from '../../../endpoints/index.ts'
import { toFalLlmError } from '../../../errors.ts'
import type { GenerationEvent, Timing } from '../../../events.ts'
import { appendEvent } from '../../../generate/event-log.ts'
import type { EventLog } from '../../../generate/event-log.ts'
import type { GenerationRun } from '../../../generate/run.ts'
import { createStopwatch } from '../../../generate/timing.ts'
import type { Stopwatch } from '../../../generate/timing.ts'
import { loadPart } from '../../../load-part.ts'
import { callSafely } from '../../../store.ts'
import { createRequestBuilder } from '../../prompt/build-request.ts'
import type { Persistence } from '../../storage/persistence.ts'
import type { ContextReport } from '../../state.ts'
import { createAnswerLocks } from './answer-locks.ts'
import type { AnswerLocks } from './answer-locks.ts'
import { currentRun } from './end-answer.ts'
import type { ChatEvent, Effect } from '../chat-event.ts'
import type { SendContent } from '../../parse-send-input.ts'
import type { Conversation } from '../conversation.ts'
import type { Asked, Kept, KeptJob } from '../../kept.ts'
import type { EngineHost } from '../engine.ts'
import { estimate } from './estimate.ts'
import { pathTo } from '../message-tree.ts'
import { runAnswer, stoppedError } from './run-answer.ts'
import type { AnswerReport } from './run-answer.ts'

/** What a worker may do to its conversation. */
export interface WorkerHost extends EngineHost {
  readonly id: string
  value(): Conversation
  kept(): Kept
  dispatch(event: ChatEvent): void
  /** Words were added: a screen hears of them in time. */
  changedSoon(): void
}

/** The work of one conversation. */
export interface Worker {
  perform(effect: Effect): void
  /** What answers said since somebody looked. */
  takeEvents(): readonly ChatEvent[]
  /** What is known of the answers being written. */
  timings(): ReadonlyMap<string, Timing>
  estimate(content: SendContent | undefined, asked: Asked): ContextReport
  /** The storage, once it is open. */
  storage(): Persistence | undefined
  closeStorage(): void
  /** Closes for good. Resolves when the last write is out, or the storage's patience is over. */
  close(): Promise<void>
}

/** The work on one answer. */
interface Work {
  readonly control: AbortController
  readonly stopwatch: Stopwatch
  run: GenerationRun | undefined
  /** fal may have taken it: it is left, not given up. */
  isSubmitted: boolean
  isLeft: boolean
}

type Of<Type extends Effect['type']> = Extract<Effect, { type: Type }>

const nothing: readonly ChatEvent[] = []
/** How long a last write is waited for, milliseconds. */
const lastWriteMs = 2_000

/** Creates the worker of a conversation. Nothing is begun before an effect is performed. */
export function createWorker(host: WorkerHost): Worker {
  const { dispatch, value } = host
  const works = new Map<string, Work>()
  const cancelling = new Set<string>()
  const builder = createRequestBuilder()
  /** A token nobody sees costs a longer string. */
  const pendingEvents = new Map<string, { readonly attempt: number; readonly events: EventLog }>()
  let persistence: Persistence | undefined
  let locks: AnswerLocks | undefined

  const openStorage = async (): Promise<void> => {
    const { storage } = host.options()
    const { source, generation } = value().here.storage
    if (!storage) return
    const { by, seeds } = value().here
    try {
      const { createPersistence } = await loadPart(() => import('../../storage/persistence.ts'))
      if (source !== value().here.storage.source || value().here.isClosed) return
      persistence = createPersistence({
        storage,
        chatId: host.id,
        by,
        generation,
        seeds,
        kept: host.kept,
        adopt: (kept, files) => dispatch({ type: 'stored-merged', source, kept, files }),
        opened: () => dispatch({ type: 'storage-opened', source }),
        failing(error) {
          dispatch({ type: 'storage-failing', source, isFailing: error !== undefined })
          if (error) host.report(error)
        },
      })
      for (const [id, files] of value().here.files) persistence.keepBlobs(id, files)
      await persistence.read()
    } catch (thrown) {
      // The part could not be fetched: the chat goes on without its storage, and says so.
      dispatch({ type: 'storage-failing', source, isFailing: true })
      dispatch({ type: 'storage-opened', source })
      host.report(toFalLlmError(thrown))
    }
  }

  const isCurrent = (id: string, attempt: number): boolean =>
    currentRun(value(), id, attempt) !== undefined
  const work = async ({ id, attempt, waitMs, type }: Of<'ask' | 'follow'>): Promise<void> => {
    const own: Work = {
      control: new AbortController(),
      // A job goes on with the clock of its question.
      stopwatch: works.get(id)?.stopwatch ?? createStopwatch(Date.now, () => performance.now()),
      run: undefined,
      isSubmitted: false,
      isLeft: false,
    }
    works.set(id, own)
    if (value().here.settings.hasLocks) lockTable().hold(id)
    if (waitMs > 0 && persistence) await atMost(persistence.flush(), waitMs)
    if (isCurrent(id, attempt)) await answer(id, attempt, own, type)
    // A job that was accepted is followed by other work.
    if (works.get(id) !== own) return
    works.delete(id)
    locks?.release(id)
  }
  const answer = async (
    id: string,
    attempt: number,
    own: Work,
    type: 'ask' | 'follow',
  ): Promise<void> => {
    const { memory, timeouts } = host.options()
    const { tree, here } = value()
    const parentId = tree.nodes.get(id)?.parentId ?? null
    const run = here.runs.get(id)
    const continues = type === 'ask' && run !== undefined && run.text !== ''
    const ending = await runAnswer(
      {
        llm: host.llm,
        memory,
        builder,
        continues,
        callbackMs: timeouts?.callbackMs,
        signal: own.control.signal,
        stopwatch: own.stopwatch,
        asked: run?.body.asked ?? {},
        endpointOf: host.endpointOf,
        job: type === 'follow' ? run?.body.job : undefined,
        path: pathTo(tree, continues ? id : parentId),
        files: here.files.get(parentId ?? '') ?? [],
      },
      reportOf(id, attempt, own),
    )
    if ('accepted' in ending) {
      const { accepted: job, reasoningForced } = ending
      dispatch({ type: 'answer-accepted', id, attempt, job, reasoningForced })
    } else {
      dispatch({ type: 'answer-ended', id, attempt, outcome: ending })
    }
  }
  const reportOf = (id: string, attempt: number, own: Work): AnswerReport => ({
    phase: (phase) => dispatch({ type: 'answer-phase', id, attempt, phase }),
    uploaded: (turnId, urls) => dispatch({ type: 'turn-uploaded', id: turnId, urls }),
    context: (context) => dispatch({ type: 'answer-context', id, attempt, context }),
    event: (event) => isCurrent(id, attempt) && hear(id, attempt, event),
    submitting: () => (own.isSubmitted = true),
    begun(run) {
      own.run = run
      if (own.isLeft) run.detach()
      else if (value().here.runs.get(id)?.body.job) {
        dispatch({ type: 'answer-phase', id, attempt, phase: 'queued' })
      }
    },
    failedCallback: (error) => host.report(toFalLlmError(error)),
  })
  const hear = (id: string, attempt: number, event: GenerationEvent): void => {
    const log = pendingEvents.get(id) ?? { attempt, events: [] }
    pendingEvents.set(id, log)
    appendEvent(log.events, event)
    persistence?.touch()
    host.changedSoon()
    const { onEvent } = host.options()
    if (onEvent) callSafely(() => onEvent(event, id))
  }
  const abort = (id: string): void => {
    const own = works.get(id)
    own?.control.abort(stoppedError())
    void own?.run?.stop()
  }
  const leave = (id: string): void => {
    const own = works.get(id)
    if (!own) return
    own.isLeft = true
    if (own.run) own.run.detach()
    // What was not asked yet is not asked any more.
    else if (!own.isSubmitted) own.control.abort(stoppedError())
  }

  const lockTable = (): AnswerLocks =>
    (locks ??= createAnswerLocks(async (id) => {
      // Its page is gone: what it wrote last is read before anybody goes on.
      await persistence?.read()
      settleClaim(id, true)
    }))
  const settleClaim = (id: string, isOurs: boolean): void => {
    dispatch({ type: isOurs ? 'claim-granted' : 'claim-refused', id })
    if (isOurs && !works.has(id)) locks?.release(id)
  }
  const claim = async (id: string): Promise<void> =>
    settleClaim(id, !value().here.settings.hasLocks || (await lockTable().claim(id)))

  const cancel = async ({ id, job }: Of<'cancel'>): Promise<void> => {
    if (cancelling.has(job.requestId)) return
    cancelling.add(job.requestId)
    try {
      await (await host.llm()).cancel(jobOf(job))
      dispatch({ type: 'job-cancelled', id })
    } catch {
      // It stays due: the next look at the chat, or the next page, asks again.
    } finally {
      cancelling.delete(job.requestId)
    }
  }
  const jobOf = ({ endpoint, requestId }: KeptJob) => ({
    endpoint: host.endpointOf(endpoint) ?? (endpoint as EndpointId),
    requestId,
  })

  return {
    perform(effect) {
      switch (effect.type) {
        case 'read':
          return void openStorage()
        case 'ask':
        case 'follow':
          return void work(effect)
        case 'claim':
          return void claim(effect.id)
        case 'abort':
          return abort(effect.id)
        case 'leave':
          return leave(effect.id)
        case 'cancel':
          return void cancel(effect)
        case 'keep-files':
          return persistence?.keepBlobs(effect.id, value().here.files.get(effect.id) ?? [])
        case 'drop-files':
          return persistence?.dropBlobs(effect.id)
      }
    },
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
    estimate(content, asked) {
      const plan = { ...value().here.settings.asked, ...asked }
      return estimate(builder, value(), content, {
        ...plan,
        endpoint: host.endpointOf(plan.endpoint),
        memory: host.options().memory,
      })
    },
    storage: () => persistence,
    closeStorage() {
      void persistence?.flush()
      persistence?.close()
      persistence = undefined
    },
    async close() {
      const written = persistence?.flush()
      persistence?.close()
      locks?.releaseAll()
      if (written) await atMost(written, lastWriteMs)
    },
  }
}

/** The promise, or nothing after a while. */
function atMost(promise: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    void promise.finally(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
