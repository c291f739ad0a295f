// Does what `step` decides: the only file of the engine with promises. Every effect that begins something ends in exactly
// one event, within its limit. The state is published before a promise settles.

import type { Endpoint, EndpointId } from '../../endpoints/index.ts'
import { FalLlmError, toFalLlmError } from '../../errors.ts'
import type { GenerationEvent } from '../../events.ts'
import { appendEvent } from '../../generate/event-log.ts'
import type { EventLog } from '../../generate/event-log.ts'
import type { FalLlm } from '../../generate/fal-llm.ts'
import type { GenerationRun } from '../../generate/run.ts'
import { createStopwatch } from '../../generate/timing.ts'
import type { Stopwatch } from '../../generate/timing.ts'
import { loadPart } from '../../load-part.ts'
import { callSafely } from '../../store.ts'
import type { ChatOptions } from '../chat.ts'
import type { RequestBuilder } from '../prompt/build-request.ts'
import type { ChatMessage, ChatState, ContextReport } from '../state.ts'
import type { Persistence } from '../storage/persistence.ts'
import { createAnswerLocks } from './answer-locks.ts'
import type { AnswerLocks } from './answer-locks.ts'
import { currentRun } from './answers.ts'
import type {
  CallResult,
  ChatEvent,
  Command,
  Effect,
  Moment,
  SendContent,
  Settings,
} from './chat-event.ts'
import type { Asked, Conversation, Kept, KeptJob } from './conversation.ts'
import { pathTo, visiblePath } from './message-tree.ts'
import type { AnswerReport, WorkEnding } from './run-answer.ts'
import { foldWords, openConversation, step } from './step.ts'
import { wordsOf } from './to-message.ts'

/** What an engine asks of the chat it belongs to. */
export interface EngineHost {
  /** The options as they are now. */
  options(): ChatOptions & { readonly llm: FalLlm }
  settings(): Settings
  endpointOf(name: string | undefined): EndpointId | Endpoint | undefined
  /** The conversation changed; `soon`: only words were added. */
  changed(engine: Engine, soon: boolean): void
  /** The state of this conversation, whether it is shown or not. */
  stateOf(engine: Engine): ChatState
}

/** A command before it has its number. */
export type Order = Command extends infer One
  ? One extends Command
    ? Omit<One, 'call'>
    : never
  : never

/** One conversation and what goes on in it. */
export interface Engine {
  /** The conversation as it is now. */
  value(): Conversation
  /** What is to be stored now, the words of answers being written included. */
  kept(): Kept
  /** Runs a command. A call nobody awaits is no unhandled rejection. */
  call(order: Order): Promise<CallResult>
  /**
   * Runs a command that is over at once; undefined for one that waits for the storage.
   *
   * @throws FalLlmError why it was refused.
   */
  callNow(order: Order): CallResult
  /** What would be asked now, if this were said. */
  estimate(content: SendContent | undefined, asked: Asked): Promise<ContextReport>
  /** Somebody looks at the chat; `again`: the page has returned, and others may have written meanwhile. */
  lookAt(how?: { readonly again: boolean }): void
  /** The page goes away: what is not written is written now. */
  flush(): void
  /** Options have changed. */
  follow(storageChanged: boolean): void
  /** Closes for good. Resolves when the last write is out, or the storage's patience is over. */
  close(): Promise<void>
}

/** What a conversation begins with. */
export interface FirstMessages {
  readonly kept: Kept
  /** Those that count only where nothing is stored. */
  readonly seeds: ReadonlySet<string>
}

/** The work on one answer. */
interface Work {
  readonly attempt: number
  readonly control: AbortController
  readonly stopwatch: Stopwatch
  run: GenerationRun | undefined
  /** fal may have taken it: it is left, not given up. */
  isSubmitted: boolean
  isLeft: boolean
}

type Settler = { resolve(result: CallResult): void; reject(error: FalLlmError): void }
type Of<Type extends Effect['type']> = Extract<Effect, { type: Type }>

/** How long a last write is waited for, milliseconds. */
const lastWriteMs = 2_000

/** Opens a conversation. Nothing is read or sent before the first command. Never throws. */
export function createEngine(id: string, host: EngineHost, first?: FirstMessages): Engine {
  let value = openConversation(id, randomName(), host.settings(), first?.kept, first?.seeds)
  const settlers = new Map<number, Settler>()
  const works = new Map<string, Work>()
  const cancelling = new Set<string>()
  /** What answers said since somebody looked: a token nobody sees costs a longer string. */
  const pendingEvents = new Map<string, { readonly attempt: number; readonly events: EventLog }>()
  let calls = 0
  let builder: RequestBuilder | undefined
  let persistence: Persistence | undefined
  let locks: AnswerLocks | undefined

  const apply = (event: ChatEvent): readonly Effect[] => {
    const before = value.kept
    const next = step(value, event, momentOf(event))
    value = next.value
    if (value.kept !== before) persistence?.touch()
    return next.effects
  }
  /** What an event that may end answers has to know. */
  const momentOf = ({ type }: ChatEvent): Moment => {
    const timings = new Map(
      type === 'answer-events' ? [] : [...works].map(([one, work]) => [one, work.stopwatch.read()]),
    )
    return { now: Date.now(), timings }
  }
  const applyPending = (): void => {
    for (const [one, { attempt, events }] of pendingEvents) {
      apply({ type: 'answer-events', id: one, attempt, events })
    }
    pendingEvents.clear()
  }
  const dispatch = (event: ChatEvent): void => {
    applyPending()
    const before = value
    const effects = apply(event)
    for (const effect of effects) perform(effect)
    if (value !== before) host.changed(engine, false)
    for (const effect of effects) announce(effect)
  }
  const hear = (one: string, attempt: number, event: GenerationEvent): void => {
    const log = pendingEvents.get(one) ?? { attempt, events: [] }
    pendingEvents.set(one, log)
    appendEvent(log.events, event)
    persistence?.touch()
    host.changed(engine, true)
    const { onEvent } = host.options()
    if (onEvent) callSafely(() => onEvent(event, one))
  }

  /** Everything that begins something. */
  const perform = (effect: Effect): void => {
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
        return persistence?.keepBlobs(effect.id, value.here.files.get(effect.id) ?? [])
      case 'drop-files':
        return persistence?.dropBlobs(effect.id)
    }
  }
  /** Everything that tells somebody, after the state was published. */
  const announce = (effect: Effect): void => {
    const { onFinish, onError } = host.options()
    switch (effect.type) {
      case 'settle':
        return take(effect.call)?.resolve(effect.result)
      case 'refuse':
        return take(effect.call)?.reject(effect.error)
      case 'finished':
        return callSafely(() =>
          onFinish?.({ message: effect.message, state: host.stateOf(engine) }),
        )
      case 'failed':
        return callSafely(() => onError?.(effect.error, effect.message))
    }
  }
  const take = (call: number): Settler | undefined => {
    const settler = settlers.get(call)
    settlers.delete(call)
    return settler
  }
  const reportError = (error: FalLlmError): void =>
    callSafely(() => host.options().onError?.(error, undefined))

  const openStorage = async (): Promise<void> => {
    const { storage } = host.options()
    const { source } = value.here.storage
    if (!storage) return
    try {
      const { createPersistence } = await loadPart(() => import('../storage/persistence.ts'))
      if (source !== value.here.storage.source || value.here.isClosed) return
      const opened = createPersistence({
        storage,
        chatId: id,
        by: value.here.by,
        generation: value.here.storage.generation,
        seeds: value.here.seeds,
        kept: engine.kept,
        adopt: (merged, files) => dispatch({ type: 'stored-merged', source, kept: merged, files }),
        opened: () => dispatch({ type: 'storage-opened', source }),
        failing(error) {
          dispatch({ type: 'storage-failing', source, isFailing: error !== undefined })
          if (error) reportError(error)
        },
      })
      persistence = opened
      for (const [one, files] of value.here.files) opened.keepBlobs(one, files)
      await opened.read()
    } catch (thrown) {
      // The part could not be fetched: the chat goes on without its storage, and says so.
      dispatch({ type: 'storage-failing', source, isFailing: true })
      dispatch({ type: 'storage-opened', source })
      reportError(toFalLlmError(thrown))
    }
  }

  const isCurrent = (one: string, attempt: number): boolean =>
    currentRun(value, one, attempt) !== undefined
  const work = async (effect: Of<'ask' | 'follow'>): Promise<void> => {
    const { id: one, attempt, waitMs, type } = effect
    const before = works.get(one)
    const own: Work = {
      attempt,
      control: new AbortController(),
      stopwatch: before?.attempt === attempt ? before.stopwatch : createStopwatch(Date.now),
      run: undefined,
      isSubmitted: false,
      isLeft: false,
    }
    works.set(one, own)
    if (value.here.settings.hasLocks) lockTable().hold(one)
    // Loaded while the storage is waited for.
    const parts = loadWork()
    parts.catch(() => {})
    if (waitMs > 0 && persistence) await atMost(persistence.flush(), waitMs)
    const ending = isCurrent(one, attempt)
      ? await answer(one, own, type, parts)
      : { ok: false as const, error: stopped(), timing: own.stopwatch.read() }
    if ('accepted' in ending) {
      const { accepted: job, reasoningForced } = ending
      dispatch({ type: 'answer-accepted', id: one, attempt, job, reasoningForced })
    } else {
      dispatch({ type: 'answer-ended', id: one, attempt, outcome: ending })
    }
    // A job that was accepted is followed by other work.
    if (works.get(one) !== own) return
    works.delete(one)
    locks?.release(one)
  }
  const answer = async (
    one: string,
    own: Work,
    type: 'ask' | 'follow',
    parts: ReturnType<typeof loadWork>,
  ): Promise<WorkEnding> => {
    try {
      const [{ runAnswer }, { createRequestBuilder }] = await parts
      builder ??= createRequestBuilder()
      const { llm, memory, timeouts } = host.options()
      const node = value.tree.nodes.get(one)
      const run = value.here.runs.get(one)
      const continues = type === 'ask' && run !== undefined && run.text !== ''
      const task = {
        llm,
        memory,
        builder,
        continues,
        callbackMs: timeouts?.callbackMs,
        signal: own.control.signal,
        stopwatch: own.stopwatch,
        asked: run?.body.asked ?? {},
        endpointOf: host.endpointOf,
        job: type === 'follow' ? run?.body.job : undefined,
        path: pathTo(value.tree, continues ? one : (node?.parentId ?? null)),
        files: value.here.files.get(node?.parentId ?? '') ?? [],
      }
      return await runAnswer(task, reportOf(one, own))
    } catch (thrown) {
      return { ok: false, error: toFalLlmError(thrown), timing: own.stopwatch.read() }
    }
  }
  const reportOf = (one: string, own: Work): AnswerReport => {
    const { attempt } = own
    return {
      phase: (phase) => dispatch({ type: 'answer-phase', id: one, attempt, phase }),
      uploaded: (turnId, urls) => dispatch({ type: 'turn-uploaded', id: turnId, urls }),
      context: (context) => dispatch({ type: 'answer-context', id: one, attempt, context }),
      event: (event) => isCurrent(one, attempt) && hear(one, attempt, event),
      submitting: () => (own.isSubmitted = true),
      begun(run) {
        own.run = run
        if (own.isLeft) run.detach()
        else if (value.here.runs.get(one)?.body.job) {
          dispatch({ type: 'answer-phase', id: one, attempt, phase: 'queued' })
        }
      },
      failedCallback: (error) => reportError(toFalLlmError(error)),
    }
  }
  const abort = (one: string): void => {
    const own = works.get(one)
    own?.control.abort(stopped())
    void own?.run?.stop()
  }
  const leave = (one: string): void => {
    const own = works.get(one)
    if (!own) return
    own.isLeft = true
    if (own.run) own.run.detach()
    // What was not asked yet is not asked any more.
    else if (!own.isSubmitted) own.control.abort(stopped())
  }
  const claim = async (one: string): Promise<void> => {
    const isOurs = !value.here.settings.hasLocks || (await lockTable().claim(one))
    dispatch({ type: isOurs ? 'claim-granted' : 'claim-refused', id: one })
    if (isOurs && !works.has(one)) locks?.release(one)
  }
  const lockTable = (): AnswerLocks =>
    (locks ??= createAnswerLocks(async (one) => {
      // Its page is gone: what it wrote last is read before anybody goes on.
      await persistence?.read()
      dispatch({ type: 'claim-granted', id: one })
      if (!works.has(one)) locks?.release(one)
    }))
  const cancel = async ({ id: one, job }: Of<'cancel'>): Promise<void> => {
    if (cancelling.has(job.requestId)) return
    cancelling.add(job.requestId)
    try {
      await host.options().llm.cancel(jobOf(job))
      dispatch({ type: 'job-cancelled', id: one })
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

  const engine: Engine = {
    value() {
      applyPending()
      return value
    },
    kept() {
      applyPending()
      value = foldWords(value)
      return value.kept
    },
    call(order) {
      const call = (calls += 1)
      const settled = new Promise<CallResult>((resolve, reject) => {
        settlers.set(call, { resolve, reject })
      })
      settled.catch(() => {})
      run(order, call)
      return settled
    },
    callNow(order) {
      const call = (calls += 1)
      let result: { readonly value: CallResult } | undefined
      let refusal: FalLlmError | undefined
      settlers.set(call, {
        resolve: (next) => (result = { value: next }),
        reject: (error) => (refusal = error),
      })
      run(order, call)
      if (refusal) throw refusal
      // What waits for the storage has nobody left to throw at.
      if (!result && settlers.has(call)) settlers.set(call, { resolve() {}, reject: reportError })
      return result?.value
    },
    async estimate(content, asked) {
      // What is stored counts.
      await engine.call({ do: 'open' })
      const { createRequestBuilder } = await loadPart(() => import('../prompt/build-request.ts'))
      builder ??= createRequestBuilder()
      const { endpoint, model, system } = { ...value.here.settings.asked, ...asked }
      const path = visiblePath(value.tree)
      return builder.estimate(content ? [...path, messageOf(content)] : path, {
        endpoint: host.endpointOf(endpoint),
        model,
        system,
        memory: host.options().memory,
      })
    },
    lookAt({ again } = { again: false }) {
      if (again && persistence) void persistence.read()
      dispatch({ type: 'looked-at' })
    },
    flush: () => void persistence?.flush(),
    follow(storageChanged) {
      dispatch({ type: 'settings-changed', settings: host.settings() })
      if (!storageChanged) return
      void persistence?.flush()
      persistence?.close()
      persistence = undefined
      dispatch({ type: 'storage-given' })
    },
    async close() {
      engine.callNow({ do: 'destroy' })
      const written = persistence?.flush()
      persistence?.close()
      locks?.releaseAll()
      if (written) await atMost(written, lastWriteMs)
    },
  }
  const run = (order: Order, call: number): void => {
    // Each order is a command without its number.
    dispatch({ type: 'command', command: { ...order, call } as Command })
    if (order.do === 'resume' && value.here.storage.isFailing) void persistence?.read()
  }
  return engine
}

// A page that only shows a chat carries none of it.
function loadWork() {
  return loadPart(() =>
    Promise.all([import('./run-answer.ts'), import('../prompt/build-request.ts')]),
  )
}

function stopped(): FalLlmError {
  return new FalLlmError('aborted', 'The answer was stopped')
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

/** What somebody may send, as the message it would be. */
function messageOf({ parts }: SendContent): ChatMessage {
  const branch = { index: 0, count: 1 }
  const ending = { status: 'done', error: undefined, createdAt: 0, parentId: null, branch } as const
  return { id: '', role: 'user', ...wordsOf(parts), ...ending }
}

function randomName(): string {
  return Math.random().toString(36).slice(2, 10)
}
