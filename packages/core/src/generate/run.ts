import { FalLlmError, toFalLlmError } from '../errors.ts'
import type {
  Emit,
  FinishReason,
  GenerationEvent,
  GenerationResult,
  ToolCall,
  ToolCallFragment,
  Usage,
} from '../events.ts'
import type { Deadline } from '../deadline.ts'
import { appendEvent, copyLog, wordsOf } from './event-log.ts'
import type { EventLog } from './event-log.ts'
import { onEvent } from './subscribe-to-run.ts'
import type { Subscribable } from './subscribe-to-run.ts'
import { estimateUsage } from './estimate-usage.ts'
import { createStopwatch } from './timing.ts'

/**
 * One answer, started at once; iterate it, await it, or both. Unread deltas are merged, so a slow reader costs one string.
 * Every iterator sees every event from the start. Leaving a loop early stops the run. A run nobody awaits never causes an
 * unhandled rejection. Iteration and `await` reject with the same FalLlmError; `partial` on it holds what had arrived.
 */
export interface GenerationRun
  extends AsyncIterable<GenerationEvent>, PromiseLike<GenerationResult> {
  /** The words only. Where the model may rewrite what it said, use the events: they carry `reset`. */
  readonly textStream: AsyncIterable<string>
  /** fal's id of the request, once known. */
  readonly requestId: string | undefined
  /** Aborts the connection; a queued job is also cancelled. Settles the run with code `aborted`. Never rejects. */
  stop(): Promise<void>
  /** Stops listening and leaves a queued job running; re-join it later with `attach`. */
  detach(): void
}

/** What a run needs to begin. */
export interface RunStart {
  readonly deadline: Deadline
  readonly endpoint: string
  readonly model: string | undefined
  /** Prompt tokens to assume when fal reports no usage. */
  readonly promptTokens: () => number
  /** Does the work: resolves after `finish` was emitted, rejects with why not. */
  readonly work: (emit: Emit) => Promise<void>
}

/** Starts a run. Never throws: what goes wrong rejects the run. */
export function createRun(start: RunStart): GenerationRun {
  const { deadline } = start
  const log: EventLog = []
  const readers = new Set<Reader>()
  const listeners: ((event: GenerationEvent) => void)[] = []
  const stopwatch = createStopwatch(deadline.clock.now, deadline.elapsed)
  const facts: AnswerFacts = { ...noFacts, toolCalls: new Map() }
  let ending: Ending | undefined

  const push = (event: GenerationEvent): void => {
    stopwatch.handle(event)
    appendEvent(log, event)
    for (const reader of readers) reader.push(event)
    for (const listener of listeners) listener(event)
  }
  const emit: Emit = (event) => {
    if (ending || deadline.signal.aborted) return
    note(facts, event)
    if (event.type === 'start' || event.type === 'queue-update') run.requestId = event.requestId
    // Calls of tools are in the result only. The reported usage may follow `finish`, so that is said last.
    if (event.type !== 'tool-call-delta' && event.type !== 'finish') push(event)
  }
  const fail = (thrown: unknown): never => {
    throw failureOf(thrown, start, run.requestId, writtenIn(log))
  }
  const succeed = (): GenerationResult => {
    if (deadline.signal.aborted) return fail(deadline.signal.reason)
    const words = writtenIn(log)
    const { toolCalls, finishReason, reasoningForced } = facts
    const usage = facts.usage ?? estimateUsage(start.promptTokens(), words.reasoning + words.text)
    if (!facts.usage) push({ type: 'usage', usage })
    push({ type: 'finish', reason: finishReason })
    return {
      ...words,
      toolCalls: [...toolCalls.values()],
      finishReason,
      usage,
      timing: stopwatch.read(),
      requestId: run.requestId,
      endpoint: start.endpoint,
      model: start.model,
      ...(reasoningForced && { reasoningForced }),
    }
  }
  const settle = (next: Ending): void => {
    ending = next
    deadline.close()
    for (const reader of readers) reader.end(next)
    readers.clear()
  }

  const result = Promise.resolve()
    .then(() =>
      deadline.signal.aborted ? Promise.reject(deadline.signal.reason) : start.work(emit),
    )
    .then(succeed, fail)
  result.then(
    () => settle({ ok: true }),
    (error: FalLlmError) => settle({ ok: false, error }),
  )

  const iterate = (): AsyncIterator<GenerationEvent> => {
    const reader = createReader(copyLog(log), ending)
    if (!ending) readers.add(reader)
    return {
      next: reader.next,
      async return() {
        reader.close()
        await run.stop()
        return { done: true, value: undefined }
      },
    }
  }
  // A field, not an accessor: V8 makes a hidden class for each object with an accessor of its own, and that keeps the
  // object, with all its words, until the next full collection.
  const run: GenerationRun & Subscribable & { requestId: string | undefined } = {
    [onEvent](listener) {
      for (const event of copyLog(log)) listener(event)
      listeners.push(listener)
    },
    [Symbol.asyncIterator]: iterate,
    textStream: { [Symbol.asyncIterator]: () => textOf(iterate()) },
    requestId: undefined,
    then: (onResult, onError) => result.then(onResult, onError),
    async stop() {
      deadline.abort(new FalLlmError('aborted', 'The answer was stopped'))
      await result.catch(() => {})
    },
    detach() {
      deadline.detach(
        new FalLlmError('aborted', 'Detached; a queued job goes on. attach() re-joins it'),
      )
    },
  }
  return run
}

type Words = Pick<GenerationResult, 'text' | 'reasoning'>

function writtenIn(log: EventLog): Words {
  return { text: wordsOf(log, 'text-delta'), reasoning: wordsOf(log, 'reasoning-delta') }
}

/** Why there is no whole answer: what ended the wait says more than what it broke. */
function failureOf(
  thrown: unknown,
  { deadline, endpoint }: RunStart,
  requestId: string | undefined,
  partial: Words,
): FalLlmError {
  const error = toFalLlmError(deadline.signal.aborted ? deadline.signal.reason : thrown)
  return error.with({
    endpoint,
    requestId: error.requestId ?? requestId,
    maybeSubmitted: error.maybeSubmitted || toFalLlmError(thrown).maybeSubmitted,
    partial,
  })
}

/** What the events of an answer say besides its words. */
interface AnswerFacts {
  readonly toolCalls: Map<number, ToolCall>
  usage: Usage | undefined
  finishReason: FinishReason
  reasoningForced: boolean
}

const noFacts: Omit<AnswerFacts, 'toolCalls'> = {
  usage: undefined,
  finishReason: 'unknown',
  reasoningForced: false,
}

function note(facts: AnswerFacts, event: Parameters<Emit>[0]): void {
  if (event.type === 'tool-call-delta') growToolCall(facts.toolCalls, event)
  if (event.type === 'usage') facts.usage = event.usage
  if (event.type === 'start') facts.reasoningForced = event.reasoningForced === true
  if (event.type === 'finish') facts.finishReason = event.reason
}

function growToolCall(calls: Map<number, ToolCall>, event: ToolCallFragment): void {
  const known = calls.get(event.index)
  calls.set(event.index, {
    id: event.id ?? known?.id,
    name: event.name ?? known?.name ?? '',
    arguments: (known?.arguments ?? '') + event.argumentsDelta,
  })
}

type Ending = { readonly ok: true } | { readonly ok: false; readonly error: FalLlmError }

interface Reader {
  push(event: GenerationEvent): void
  end(ending: Ending): void
  /** Nothing more is read. */
  close(): void
  next(): Promise<IteratorResult<GenerationEvent>>
}

// `next` is called for every delta: it makes one promise, and an event that comes while nobody waits makes none.
function createReader(unread: EventLog, ended: Ending | undefined): Reader {
  type Result = IteratorResult<GenerationEvent>
  const waiting: ((result: Result | Promise<Result>) => void)[] = []
  let ending = ended
  let told = false
  let closed = false

  /** What is read when there are no more events. */
  const last = (how: Ending): Result | Promise<Result> => {
    if (how.ok || told) return { done: true, value: undefined }
    told = true
    return Promise.reject(how.error)
  }
  const end = (how: Ending): void => {
    ending = how
    // Whoever waits has read all there was.
    for (const resolve of waiting.splice(0)) resolve(last(how))
  }
  return {
    push(event) {
      const resolve = waiting.shift()
      if (resolve) resolve({ done: false, value: event })
      else if (!closed) appendEvent(unread, event)
    },
    end(how) {
      if (!closed) end(how)
    },
    close() {
      closed = true
      unread.length = 0
      end({ ok: true })
    },
    next() {
      const event = unread.shift()
      if (event) return Promise.resolve({ done: false, value: event })
      if (ending) return Promise.resolve(last(ending))
      return new Promise<Result>((resolve) => void waiting.push(resolve))
    },
  }
}

function textOf(events: AsyncIterator<GenerationEvent>): AsyncIterator<string> {
  return {
    async next() {
      for (;;) {
        const { done, value } = await events.next()
        if (done) return { done: true, value: undefined }
        if (value.type === 'text-delta') return { done: false, value: value.delta }
      }
    },
    async return() {
      await events.return?.()
      return { done: true, value: undefined }
    },
  }
}
