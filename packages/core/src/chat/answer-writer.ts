// Writes one answer at a time, from the request to its ending. Every way out goes through `end`, so no message is left
// pending; a run writes only into its own message, so nothing of an old one reaches a new one.

import type { Endpoint } from '../endpoints/index.ts'
import { FalLlmError, toFalLlmError } from '../errors.ts'
import type { GenerationEvent, GenerationResult } from '../events.ts'
import type { GenerateRequest } from '../generate/fal-llm.ts'
import { hearRun } from '../generate/hear-run.ts'
import type { GenerationRun } from '../generate/run.ts'
import { createStopwatch, estimateUsage } from '../generate/timing.ts'
import type { Stopwatch } from '../generate/timing.ts'
import { loadPart } from '../load-part.ts'
import { tell } from '../store.ts'
import type { RequestBuilder } from './prompt/build-request.ts'
import type { SendOptions } from './chat.ts'
import { namedEndpoint } from './named-endpoint.ts'
import type { AnswerEnding, ChatEvent, Conversation } from './reduce-chat.ts'
import type { SessionHost } from './session.ts'
import type { ChatMessage } from './state.ts'
import type { StoredJob } from './stored-chat.ts'

/** What the writer may do to its session. */
export interface AnswerDesk<M> {
  readonly host: SessionHost<M>
  readonly dispatch: (event: ChatEvent<M>) => void
  /** Takes what the answer being written says. */
  readonly hear: (messageId: string, event: GenerationEvent) => void
  readonly conversation: () => Conversation<M>
  readonly pathTo: (messageId: string) => readonly ChatMessage<M>[]
  /** Pictures of a turn that are not uploaded yet. */
  readonly takeUnsent: (messageId: string) => readonly (Blob | string)[]
  readonly sent: (messageId: string) => void
  /** Resolves when the storage holds it, or does not answer. */
  readonly setJob: (job: StoredJob | undefined) => Promise<void>
  readonly flush: () => Promise<void>
}

/** Writes answers. */
export interface AnswerWriter<M> {
  /** Answers a user's turn. Never rejects: a failure is on the message. */
  answer(
    parentId: string,
    options: SendOptions,
    previousLeafId: string | null,
  ): Promise<ChatMessage<M>>
  /** Goes on with an answer whose job is known. Never rejects. */
  rejoin(job: StoredJob): Promise<ChatMessage<M>>
  /** Settles when the answer being written has ended. */
  running(): Promise<ChatMessage<M>> | undefined
  stop(): Promise<void>
  detach(): void
}

/** What is going on while an answer is written. */
interface Task<M> {
  readonly messageId: string
  readonly control: AbortController
  readonly stopwatch: Stopwatch
  run: GenerationRun | undefined
  detached: boolean
  /** The job that will say the answer, when it is durable. */
  job: StoredJob | undefined
  done: Promise<ChatMessage<M>> | undefined
}

/** A run in a box: a promise of a bare run would await the run. */
interface OpenRun {
  readonly run: GenerationRun
}

/** Creates the writer of one session. */
export function createAnswerWriter<M>(desk: AnswerDesk<M>): AnswerWriter<M> {
  const { host, dispatch } = desk
  let builder: RequestBuilder | undefined
  let task: Task<M> | undefined

  const end = (own: Task<M>, ending: AnswerEnding): ChatMessage<M> => {
    const { messageId } = own
    const { live } = desk.conversation()
    const wrote = live ? live.reasoning + live.text : ''
    if (live && !live.message.usage && wrote) {
      const usage = estimateUsage(live.message.context?.estimatedTokens ?? 0, wrote)
      desk.hear(messageId, { type: 'usage', usage })
    }
    task = undefined
    dispatch({ type: 'answer-end', messageId, ending })
    const message = desk.conversation().tree.nodes.get(messageId)
    void desk.flush()
    // A message is only removed when no answer is being written.
    return message as ChatMessage<M>
  }
  /** The promise, or a rejection as soon as the answer is stopped. */
  const unlessStopped = <T>(own: Task<M>, promise: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const { signal } = own.control
      const stop = (): void => reject(signal.reason)
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
    })

  const hear = (own: Task<M>, { run }: OpenRun, replaces: boolean): Promise<GenerationResult> => {
    const { messageId, stopwatch } = own
    own.run = run
    if (own.detached) run.detach()
    else if (own.control.signal.aborted) void run.stop()
    let stale = replaces
    return hearRun(run, (event) => {
      stopwatch.hear(event)
      if (stale && (event.type === 'text-delta' || event.type === 'reasoning-delta')) {
        // The job says the whole answer: what was there of it would be said twice.
        stale = false
        desk.hear(messageId, { type: 'reset', reason: 'retry' })
      }
      desk.hear(messageId, event)
      const { onEvent } = host.options()
      if (onEvent) tell(() => onEvent(event, messageId))
    })
  }
  /** Runs the work of one answer to its ending. */
  const write = async (
    own: Task<M>,
    work: () => Promise<GenerationResult>,
  ): Promise<ChatMessage<M>> => {
    try {
      const { timing } = await work()
      if (own.job) void desk.setJob(undefined)
      const message = end(own, { status: 'done', timing })
      tell(() => host.options().onFinish?.({ message, state: host.state() }))
      return message
    } catch (thrown) {
      const error = toFalLlmError(thrown)
      const wrote = Boolean(desk.conversation().live?.text)
      const timing = own.stopwatch.read()
      const ending = own.job ? durableEnding(error, own.detached) : endingOf(error, wrote)
      if (own.job && !ending.keepsJob) void desk.setJob(undefined)
      const message = end(own, {
        status: ending.status,
        timing,
        ...(ending.error && { error: ending.error }),
      })
      const reported = ending.error
      if (reported) tell(() => host.options().onError?.(reported, message))
      return message
    }
  }
  const start = (messageId: string): Task<M> => {
    const own: Task<M> = {
      messageId,
      control: new AbortController(),
      stopwatch: createStopwatch(Date.now),
      run: undefined,
      detached: false,
      job: undefined,
      done: undefined,
    }
    task = own
    return own
  }

  const uploadImages = async (own: Task<M>, parentId: string): Promise<void> => {
    const images = desk.takeUnsent(parentId)
    if (images.length === 0) return
    const { messageId } = own
    const { llm, storage } = host.options()
    dispatch({ type: 'answer-status', messageId, status: 'uploading' })
    const { signal } = own.control
    const urls = await unlessStopped(
      own,
      Promise.all(
        images.map(async (image) => {
          if (typeof image !== 'string') return llm.upload(image, { signal })
          const isBytes = storage !== undefined && image.startsWith('data:')
          return isBytes ? llm.upload(await (await fetch(image)).blob(), { signal }) : image
        }),
      ),
    )
    const turn = desk.pathTo(parentId).at(-1)
    if (turn) dispatch({ type: 'message-replace', message: withImages(turn, urls) })
    desk.sent(parentId)
    dispatch({ type: 'answer-status', messageId, status: 'submitted' })
  }
  const ask = async (own: Task<M>, parentId: string, sendOptions: SendOptions) => {
    const settings = { ...host.options(), ...sendOptions }
    // Loaded with the first question: the endpoints come with it.
    const loading = loadPart(() => import('./prompt/build-request.ts'))
    const { createRequestBuilder } = await unlessStopped(own, loading)
    builder ??= createRequestBuilder()
    await uploadImages(own, parentId)
    const report = (error: FalLlmError): void =>
      tell(() => host.options().onError?.(error, undefined))
    const plan = { ...settings, report }
    const built = await unlessStopped(own, builder.build(desk.pathTo(parentId), plan))
    const { endpoint, context } = built
    dispatch({ type: 'answer-context', messageId: own.messageId, context })
    const { model, params, mode } = settings
    const request: GenerateRequest = { ...built.request, endpoint, model, params }
    const result = await hear(own, await open(own, request, endpoint, mode), false)
    builder.learn(built, result.usage)
    return result
  }
  const open = async (
    own: Task<M>,
    request: GenerateRequest,
    endpoint: Endpoint,
    mode: SendOptions['mode'],
  ): Promise<OpenRun> => {
    const { llm } = host.options()
    if (mode !== 'durable') return { run: llm.generate({ ...request, mode, logs: true }) }
    await desk.flush()
    const { requestId } = await llm.submit({ ...request, signal: own.control.signal })
    const { messageId } = own
    own.job = { requestId, endpoint: endpoint.id, messageId }
    // Stored before anyone is told: what a screen has seen as queued is found again.
    await desk.setJob(own.job)
    dispatch({ type: 'answer-status', messageId, status: 'queued' })
    return { run: llm.attach({ endpoint, requestId }, { logs: true }) }
  }

  return {
    running: () => task?.done,
    answer(parentId, sendOptions, previousLeafId) {
      const own = start(host.createId())
      const { endpoint, model } = { ...host.options(), ...sendOptions }
      dispatch({
        type: 'answer-start',
        previousLeafId,
        message: blankAnswer<M>(own.messageId, parentId, endpoint, model),
      })
      own.done = write(own, () => ask(own, parentId, sendOptions))
      return own.done
    },
    rejoin(job) {
      const own = start(job.messageId)
      own.job = job
      dispatch({ type: 'answer-rejoin', messageId: job.messageId })
      own.done = write(own, async () => {
        const options = host.options()
        const endpoint = namedEndpoint(job.endpoint, options.endpoint)
        const run = options.llm.attach({ endpoint, requestId: job.requestId }, { logs: true })
        return hear(own, { run }, true)
      })
      return own.done
    },
    async stop() {
      const own = task
      if (!own) return
      own.control.abort(new FalLlmError('aborted', 'The answer was stopped'))
      await own.run?.stop()
      await own.done
    },
    detach() {
      if (!task) return
      task.detached = true
      task.run?.detach()
    },
  }
}

interface Ending {
  readonly status: AnswerEnding['status']
  readonly error?: FalLlmError
  readonly keepsJob?: boolean
}

function endingOf(error: FalLlmError, wrote: boolean): Ending {
  if (error.code === 'aborted') return { status: 'stopped' }
  const gaveOut = error.code === 'timeout' || error.code === 'network'
  const cut = error.code === 'interrupted' || (gaveOut && wrote)
  return { status: cut ? 'interrupted' : 'error', error }
}

/** A durable answer is lost only when fal says so. */
function durableEnding(error: FalLlmError, detached: boolean): Ending {
  if (error.code === 'aborted') {
    return detached ? { status: 'interrupted', keepsJob: true } : { status: 'stopped' }
  }
  if (error.code === 'not-found') {
    const gone = new FalLlmError(
      'interrupted',
      'fal no longer keeps this answer (an hour after its end, at most). Retry to ask again',
      { requestId: error.requestId, endpoint: error.endpoint, cause: error },
    )
    return { status: 'interrupted', error: gone }
  }
  const lost = ['timeout', 'network', 'interrupted', 'overloaded', 'rate-limited', 'auth']
  if (!lost.includes(error.code)) return { status: 'error', error }
  return { status: 'interrupted', error, keepsJob: true }
}

function blankAnswer<M>(
  id: string,
  parentId: string,
  endpoint: Endpoint | string = 'openrouter/router',
  model: string | undefined,
): ChatMessage<M> {
  return {
    id,
    role: 'assistant',
    parts: [],
    text: '',
    reasoning: '',
    status: 'pending',
    error: undefined,
    createdAt: Date.now(),
    parentId,
    branch: { index: 0, count: 1 },
    endpoint: typeof endpoint === 'string' ? endpoint : endpoint.id,
    ...(model !== undefined && { model }),
  }
}

/** Puts the URLs in the places their pictures had. */
function withImages<M>(message: ChatMessage<M>, urls: readonly string[]): ChatMessage<M> {
  let next = 0
  const parts = message.parts.map((part) =>
    part.type === 'image' ? { ...part, url: urls[next++] ?? part.url } : part,
  )
  return { ...message, parts }
}
