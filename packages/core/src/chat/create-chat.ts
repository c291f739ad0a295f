// The only file that knows both lines of the path: commands go down to the model, events come back to the state.
// State changes only through `reduceChat`; what happens around it, a run, a callback, a waiting send, is here.

import { resolveEndpoint } from '../endpoints/index.ts'
import { FalLlmError, toFalLlmError } from '../errors.ts'
import type { EndpointId } from '../endpoints/index.ts'
import type { FalLlm, GenerateRequest } from '../generate/fal-llm.ts'
import type { GenerationRun } from '../generate/run.ts'
import { createStopwatch, estimateUsage } from '../generate/timing.ts'
import { createStore, frameScheduler, intervalScheduler, syncScheduler } from '../store.ts'
import type { Scheduler } from '../store.ts'
import { buildRequest } from './build-request.ts'
import type { Chat, ChatOptions, SendInput, SendOptions, WhenBusy } from './chat.ts'
import { createComposer } from './compose-state.ts'
import { reduceChat } from './reduce-chat.ts'
import type { AnswerEnding, ChatEvent, Conversation } from './reduce-chat.ts'
import type { ChatMessage, MessagePart, QueuedSend } from './state.ts'
import { emptyTree, pathTo, siblingOf, treeOf, visiblePath } from './tree.ts'

/** One conversation and what is going on in it. A chat shows one; others may finish in the background. */
interface Session<M> {
  conversation: Conversation<M>
  waiting: readonly WaitingSend<M>[]
  run: GenerationRun | undefined
  /** Settles when the answer being written has ended. */
  running: Promise<unknown> | undefined
}

interface WaitingSend<M> extends QueuedSend {
  readonly content: Content
  readonly options: SendOptions
  readonly resolve: (message: Promise<ChatMessage<M>>) => void
  readonly reject: (error: FalLlmError) => void
}

interface Content {
  readonly text: string
  readonly images: readonly string[]
  readonly metadata: unknown
}

/**
 * Holds a conversation over a client. Nothing is sent before the first `send`.
 *
 * @throws FalLlmError `unsupported` for an unknown endpoint.
 */
export function createChat<M = unknown>(
  initial: ChatOptions<EndpointId, M> & { readonly llm: FalLlm },
): Chat<M> {
  let options = initial
  const createId = (): string => options.createId?.() ?? randomId()
  const sessions = new Map<string, Session<M>>()
  const open = (id: string, messages: readonly ChatMessage<M>[] = []): Session<M> => {
    const known = sessions.get(id)
    if (known) return known
    const session: Session<M> = {
      conversation: {
        id,
        tree: messages.length > 0 ? treeOf(messages) : emptyTree,
        live: undefined,
        status: 'ready',
        error: undefined,
        failedId: undefined,
      },
      waiting: [],
      run: undefined,
      running: undefined,
    }
    sessions.set(id, session)
    return session
  }

  let current = open(options.id ?? createId(), options.messages)
  const compose = createComposer<M>()
  const store = createStore(
    () =>
      compose({
        conversation: current.conversation,
        queued: current.waiting,
        hydrated: true,
        refusesWhenBusy: options.whenBusy === 'reject',
      }),
    () => schedulerOf(options.flush),
  )
  const serverState = store.getState()

  const dispatch = (session: Session<M>, event: ChatEvent<M>): void => {
    session.conversation = reduceChat(session.conversation, event)
    if (session !== current) return
    if (event.type === 'answer-event') store.touch()
    else store.publish()
  }
  const setWaiting = (session: Session<M>, waiting: readonly WaitingSend<M>[]): void => {
    session.waiting = waiting
    if (session === current) store.publish()
  }
  const leafOf = (session: Session<M>): string | null =>
    visiblePath(session.conversation.tree).at(-1)?.id ?? null
  const messageIn = (session: Session<M>, id: string): ChatMessage<M> => {
    const message = session.conversation.tree.nodes.get(id)
    if (message) return message
    throw new FalLlmError('invalid-input', `There is no message "${id}" in this conversation`)
  }

  /** Writes one answer under a user's turn, to its end. Never rejects. */
  const answer = async (
    session: Session<M>,
    parentId: string,
    sendOptions: SendOptions,
    previousLeafId: string | null,
  ): Promise<ChatMessage<M>> => {
    const { llm } = options
    const settings = { ...options, ...sendOptions }
    const endpoint = settings.endpoint ?? 'openrouter/router'
    const messageId = createId()
    const stopwatch = createStopwatch(Date.now)
    const model = settings.model ?? defaultModelOf(endpoint)
    dispatch(session, {
      type: 'answer-start',
      previousLeafId,
      message: {
        ...blankMessage<M>(messageId, 'assistant', parentId),
        status: 'pending',
        endpoint: typeof endpoint === 'string' ? endpoint : endpoint.id,
        ...(model !== undefined && { model }),
      },
    })
    const end = (ending: AnswerEnding): ChatMessage<M> => {
      const live = session.conversation.live
      const wrote = live ? live.reasoning + live.text : ''
      if (live && !live.message.usage && wrote) {
        const promptTokens = live.message.context?.estimatedTokens ?? 0
        const usage = estimateUsage(promptTokens, wrote)
        dispatch(session, { type: 'answer-event', messageId, event: { type: 'usage', usage } })
      }
      session.run = undefined
      session.running = undefined
      dispatch(session, { type: 'answer-end', messageId, ending })
      return messageIn(session, messageId)
    }
    try {
      const path = pathTo(session.conversation.tree, parentId)
      const { request, context } = buildRequest(path, resolveEndpoint(endpoint), settings.system)
      dispatch(session, { type: 'answer-context', messageId, context })
      const run = llm.generate({ ...request, ...pickRequest(settings) })
      session.run = run
      for await (const event of run) {
        stopwatch.hear(event)
        dispatch(session, { type: 'answer-event', messageId, event })
        tell(() => options.onEvent?.(event, messageId))
      }
      const { timing } = await run
      const message = end({ status: 'done', timing })
      tell(() => options.onFinish?.({ message, state: store.getState() }))
      return message
    } catch (thrown) {
      const error = toFalLlmError(thrown)
      const wrote = Boolean(session.conversation.live?.text)
      const message = end(endingOf(error, wrote, stopwatch.read()))
      if (error.code !== 'aborted') tell(() => options.onError?.(error, message))
      return message
    }
  }

  /** Begins an answer; whatever waits goes on after it, unless it was stopped or failed. */
  const begin = (
    session: Session<M>,
    parentId: string,
    sendOptions: SendOptions,
    previousLeafId: string | null,
  ): Promise<ChatMessage<M>> => {
    const running = answer(session, parentId, sendOptions, previousLeafId)
    if (session.conversation.live) session.running = running
    return running.then((message) => {
      if (message.status === 'done') sendNext(session)
      return message
    })
  }
  const say = (
    session: Session<M>,
    parentId: string | null,
    content: Content,
    sendOptions: SendOptions,
  ): Promise<ChatMessage<M>> => {
    const previousLeafId = leafOf(session)
    const message: ChatMessage<M> = {
      ...blankMessage<M>(createId(), 'user', parentId),
      text: content.text,
      parts: partsOf(content),
      // The caller names the type of its own metadata.
      ...(content.metadata !== undefined && { metadata: content.metadata as M }),
    }
    dispatch(session, { type: 'message-add', message })
    return begin(session, message.id, sendOptions, previousLeafId)
  }
  const sendNext = (session: Session<M>): void => {
    const [next, ...rest] = session.waiting
    if (!next || session.conversation.live) return
    setWaiting(session, rest)
    next.resolve(say(session, leafOf(session), next.content, next.options))
  }
  const wait = (
    session: Session<M>,
    content: Content,
    sendOptions: SendOptions,
  ): Promise<ChatMessage<M>> =>
    new Promise((resolve, reject) => {
      const entry: WaitingSend<M> = {
        id: createId(),
        text: content.text,
        imageCount: content.images.length,
        createdAt: Date.now(),
        content,
        options: sendOptions,
        resolve,
        reject,
      }
      setWaiting(session, [...session.waiting, entry])
      sendNext(session)
    })
  const stopSession = async (session: Session<M>): Promise<void> => {
    const { run, running } = session
    await run?.stop()
    await running
  }

  /** Makes room for a new answer as `whenBusy` says; a refusal throws. */
  const makeRoom = async (session: Session<M>, whenBusy: WhenBusy): Promise<void> => {
    if (!session.conversation.live) return
    if (whenBusy === 'reject') {
      throw new FalLlmError(
        'busy',
        "An answer is being written. Await it, stop() it, or set whenBusy to 'queue' or 'interrupt'",
      )
    }
    if (whenBusy === 'interrupt') await stopSession(session)
    else await session.running
    await makeRoom(session, whenBusy)
  }
  const whenBusyOf = (sendOptions?: SendOptions): WhenBusy =>
    sendOptions?.whenBusy ?? options.whenBusy ?? 'queue'

  const send = async (input: SendInput, sendOptions: SendOptions = {}) => {
    const session = current
    const content = parseInput(input)
    const whenBusy = whenBusyOf(sendOptions)
    const busy = session.conversation.live !== undefined
    if (whenBusy === 'queue' && (busy || session.waiting.length > 0)) {
      return wait(session, content, sendOptions)
    }
    if (busy) await makeRoom(session, whenBusy)
    return say(session, leafOf(session), content, sendOptions)
  }
  const regenerate = async ({
    messageId,
    ...sendOptions
  }: { readonly messageId?: string } & SendOptions = {}) => {
    const session = current
    if (session.conversation.live) await makeRoom(session, whenBusyOf(sendOptions))
    const path = visiblePath(session.conversation.tree)
    const last = messageId === undefined ? path.at(-1) : messageIn(session, messageId)
    const parentId = last?.role === 'user' ? last.id : last?.parentId
    if (!parentId) {
      throw new FalLlmError('invalid-input', 'There is no answer to write again. send() one first')
    }
    return begin(session, parentId, sendOptions, leafOf(session))
  }
  const edit = async (messageId: string, input: SendInput, sendOptions: SendOptions = {}) => {
    const session = current
    const content = parseInput(input)
    if (session.conversation.live) await makeRoom(session, whenBusyOf(sendOptions))
    const message = messageIn(session, messageId)
    if (message.role !== 'user') {
      throw new FalLlmError(
        'invalid-input',
        `Only a user's message can be edited, "${messageId}" is the ${message.role}'s. Use regenerate()`,
      )
    }
    return say(session, message.parentId, content, sendOptions)
  }
  const retry = async () => {
    const session = current
    const { failedId, live, tree } = session.conversation
    const parentId = failedId === undefined ? undefined : tree.nodes.get(failedId)?.parentId
    if (live || !parentId) return undefined
    return begin(session, parentId, {}, leafOf(session))
  }
  const takeWaiting = (session: Session<M>, id: string): WaitingSend<M> | undefined => {
    const entry = session.waiting.find((waiting) => waiting.id === id)
    if (entry)
      setWaiting(
        session,
        session.waiting.filter((waiting) => waiting !== entry),
      )
    return entry
  }
  const sendQueuedNow = async (id: string) => {
    const session = current
    const entry = takeWaiting(session, id)
    if (!entry) throw new FalLlmError('invalid-input', `Nothing waits under the id "${id}"`)
    await makeRoom(session, 'interrupt')
    const running = say(session, leafOf(session), entry.content, entry.options)
    entry.resolve(running)
    return running
  }
  const setOptions = (patch: Partial<ChatOptions<EndpointId, M>>): void => {
    options = { ...options, ...patch, llm: patch.llm ?? options.llm }
    const { id } = options
    if (id !== undefined && id !== current.conversation.id) current = open(id, patch.messages)
    store.publish()
  }

  return {
    get id() {
      return current.conversation.id
    },
    getState: store.getState,
    getServerState: () => serverState,
    subscribe: store.subscribe,
    send: (input, sendOptions) => handled(send(input, sendOptions)),
    stop: () => stopSession(current),
    detach: () => current.run?.detach(),
    regenerate: (regenerateOptions) => handled(regenerate(regenerateOptions)),
    edit: (messageId, input, sendOptions) => handled(edit(messageId, input, sendOptions)),
    retry: () => handled(retry()),
    switchBranch(messageId, to) {
      const { tree, live } = current.conversation
      const sibling = siblingOf(tree, messageId, to)
      if (sibling && !live) dispatch(current, { type: 'message-choose', messageId: sibling })
    },
    cancelQueued(id) {
      const error = new FalLlmError('cancelled', 'The message was taken back before it was sent')
      takeWaiting(current, id)?.reject(error)
    },
    sendQueuedNow: (id) => handled(sendQueuedNow(id)),
    setMessages(messages) {
      const path = visiblePath(current.conversation.tree)
      const next = typeof messages === 'function' ? messages(path) : messages
      if (next !== path) dispatch(current, { type: 'tree-replace', tree: treeOf(next) })
    },
    remove: (messageId) => dispatch(current, { type: 'message-remove', messageId }),
    clear() {
      dispatch(current, { type: 'tree-replace', tree: emptyTree })
      dispatch(current, { type: 'error-clear' })
    },
    clearError: () => dispatch(current, { type: 'error-clear' }),
    setOptions,
    toJSON: () => ({ id: current.conversation.id, messages: store.getState().messages }),
    destroy() {
      for (const session of sessions.values()) session.run?.detach()
      store.destroy()
    },
  }
}

function schedulerOf(flush: ChatOptions['flush']): Scheduler {
  if (flush === 'sync') return syncScheduler
  return typeof flush === 'number' ? intervalScheduler(flush) : frameScheduler
}

/** The caller still sees the rejection; a call nobody awaits does not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** A callback that throws stops nothing but itself. */
function tell(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    console.error('A callback of a chat threw', error)
  }
}

function endingOf(
  error: FalLlmError,
  wrote: boolean,
  timing: AnswerEnding['timing'],
): AnswerEnding {
  const rest = timing && { timing }
  if (error.code === 'aborted') return { status: 'stopped', ...rest }
  const gaveOut = error.code === 'timeout' || error.code === 'network'
  const cut = error.code === 'interrupted' || (gaveOut && wrote)
  return { status: cut ? 'interrupted' : 'error', error, ...rest }
}

function pickRequest(settings: SendOptions): GenerateRequest {
  const { endpoint, model, params, mode } = settings
  return withoutUndefined({ endpoint, model, params, mode })
}

function withoutUndefined<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  // What is left of T has the same keys and no undefined among its values.
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function defaultModelOf(endpoint: ChatOptions['endpoint']): string | undefined {
  try {
    return resolveEndpoint(endpoint ?? 'openrouter/router').defaultModel
  } catch {
    // The unknown endpoint is reported on the answer.
    return undefined
  }
}

function parseInput(input: SendInput): Content {
  const { text = '', images = [], metadata } = typeof input === 'string' ? { text: input } : input
  const content = { text, images: [...images], metadata }
  if (text.trim() || content.images.length > 0) return content
  throw new FalLlmError('invalid-input', 'There is nothing to send: give a text or an image')
}

function partsOf({ text, images }: Content): readonly MessagePart[] {
  const words: MessagePart[] = text ? [{ type: 'text', text }] : []
  return [...images.map((url): MessagePart => ({ type: 'image', url })), ...words]
}

function blankMessage<M>(
  id: string,
  role: ChatMessage['role'],
  parentId: string | null,
): ChatMessage<M> {
  return {
    id,
    role,
    parts: [],
    text: '',
    reasoning: '',
    status: 'done',
    error: undefined,
    createdAt: Date.now(),
    parentId,
    branch: { index: 0, count: 1 },
  }
}

// randomUUID exists in secure contexts only; a page on a plain http address in a local network has none.
function randomId(): string {
  return (
    globalThis.crypto.randomUUID?.() ??
    `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  )
}
