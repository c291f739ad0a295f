// One conversation and what goes on in it: commands go down to the model, events come back to the state. The state
// changes only through `reduceChat`; what happens around it, a run, an upload, a waiting send, the storage, is here.

import type { EndpointId } from '../endpoints/index.ts'
import { FalLlmError } from '../errors.ts'
import type { GenerationEvent } from '../events.ts'
import { appendEvent } from '../generate/event-log.ts'
import type { EventLog } from '../generate/event-log.ts'
import type { FalLlm } from '../generate/fal-llm.ts'
import { tell } from '../store.ts'
import { createAnswerWriter } from './answer-writer.ts'
import type { AnswerWriter } from './answer-writer.ts'
import type { ChatOptions, SendInput, SendOptions, WhenBusy } from './chat.ts'
import { namedEndpoint } from './named-endpoint.ts'
import { needUpload, parseSendInput, partsOf } from './parse-send-input.ts'
import type { Content } from './parse-send-input.ts'
import { createPersistence } from './persistence.ts'
import type { Persistence } from './persistence.ts'
import { liveMessage, reduceChat } from './reduce-chat.ts'
import type { ChatEvent, Conversation } from './reduce-chat.ts'
import type { ChatMessage, ChatState, QueuedSend } from './state.ts'
import type { StoredChat, StoredJob, StoredSend } from './stored-chat.ts'
import { emptyTree, pathTo, replaceMessage, siblingOf, treeOf, visiblePath } from './tree.ts'

/** What a session asks of the chat it belongs to. */
export interface SessionHost<M> {
  /** The options as they are now. */
  options(): ChatOptions<EndpointId, M> & { readonly llm: FalLlm }
  createId(): string
  /** The session's state changed; `soon`: only words were added. */
  changed(session: Session<M>, soon: boolean): void
  state(): ChatState<M>
}

/** One conversation. The commands are those of `Chat`. */
export interface Session<M> {
  conversation(): Conversation<M>
  waiting(): readonly WaitingSend<M>[]
  hydrated(): boolean
  /** Reads the storage, once. */
  hydrate(): Promise<void>
  send(input: SendInput, options?: SendOptions): Promise<ChatMessage<M>>
  stop(): Promise<void>
  detach(): void
  regenerate(options?: { readonly messageId?: string } & SendOptions): Promise<ChatMessage<M>>
  edit(messageId: string, input: SendInput, options?: SendOptions): Promise<ChatMessage<M>>
  retry(): Promise<ChatMessage<M> | undefined>
  resume(): Promise<ChatMessage<M> | undefined>
  switchBranch(messageId: string, to: number | 'next' | 'previous'): void
  cancelQueued(id: string): void
  sendQueuedNow(id: string): Promise<ChatMessage<M>>
  setMessages(messages: readonly ChatMessage<M>[]): void
  remove(messageId: string): void
  clearError(): void
  /** Leaves what is going on, and writes what is not written yet. */
  close(): void
}

/** A send that waits, with what it takes to do it. */
export interface WaitingSend<M> extends QueuedSend {
  readonly content: Content
  readonly options: SendOptions
  readonly resolve: (message: Promise<ChatMessage<M>>) => void
  readonly reject: (error: FalLlmError) => void
}

/** Opens a conversation. Nothing is read or sent before the first command. */
export function createSession<M>(
  id: string,
  host: SessionHost<M>,
  messages: readonly ChatMessage<M>[],
): Session<M> {
  let conversation: Conversation<M> = {
    id,
    tree: messages.length > 0 ? treeOf(messages) : emptyTree,
    live: undefined,
    status: 'ready',
    error: undefined,
    failedId: undefined,
  }
  /** What the answer said since somebody looked: a token nobody sees costs a longer string. */
  let unseen: { readonly messageId: string; readonly events: EventLog } | undefined
  let waiting: readonly WaitingSend<M>[] = []
  let job: StoredJob | undefined
  let hydrated = host.options().storage === undefined
  let hydrating: Promise<void> | undefined
  /** How the last unfinished answer was asked for, so that a retry asks the same. */
  let lastFailed: { readonly id: string; readonly options: SendOptions } | undefined
  /** Pictures of a turn that are still to be uploaded. */
  const unsent = new Map<string, readonly (Blob | string)[]>()

  const report = (error: FalLlmError): void => {
    dispatch({ type: 'error-set', error })
    tell(() => host.options().onError?.(error, undefined))
  }
  let persistence: Persistence<M> | undefined
  const persistent = (): Persistence<M> | undefined => {
    const { storage } = host.options()
    if (!storage) return undefined
    persistence ??= createPersistence<M>(storage, id, toStore, report)
    return persistence
  }
  const toStore = (): StoredChat<M> => {
    const sends = waiting.map(({ content, options, id: sendId, createdAt }) => ({
      ...content,
      id: sendId,
      images: content.images.filter((image) => typeof image === 'string'),
      options: { ...options, endpoint: nameOf(options.endpoint) },
      createdAt,
    }))
    const { tree, live } = look()
    const whole = live ? replaceMessage(tree, liveMessage(live)) : tree
    return { tree: whole, waiting: sends, job }
  }
  /** The conversation as it is now. */
  const look = (): Conversation<M> => {
    if (!unseen) return conversation
    const { messageId, events } = unseen
    unseen = undefined
    for (const event of events) {
      conversation = reduceChat(conversation, { type: 'answer-event', messageId, event })
    }
    return conversation
  }
  const hear = (messageId: string, event: GenerationEvent): void => {
    if (unseen?.messageId !== messageId) {
      look()
      unseen = { messageId, events: [] }
    }
    appendEvent(unseen.events, event)
    if (hydrated) persistent()?.touch()
    host.changed(session, true)
  }
  const dispatch = (event: ChatEvent<M>): void => {
    const before = look()
    conversation = reduceChat(before, event)
    if (conversation === before) return
    if (hydrated) persistent()?.touch()
    host.changed(session, false)
  }
  const setWaiting = (next: readonly WaitingSend<M>[]): void => {
    waiting = next
    if (hydrated) persistent()?.touch()
    host.changed(session, false)
  }
  const leaf = (): string | null => visiblePath(conversation.tree).at(-1)?.id ?? null
  const messageOf = (messageId: string): ChatMessage<M> => {
    const message = conversation.tree.nodes.get(messageId)
    if (message) return message
    throw new FalLlmError(
      'invalid-input',
      `There is no message "${messageId}" in this conversation`,
    )
  }

  const writer: AnswerWriter<M> = createAnswerWriter<M>({
    host,
    dispatch,
    hear,
    conversation: look,
    pathTo: (messageId) => pathTo(conversation.tree, messageId),
    takeUnsent: (messageId) => unsent.get(messageId) ?? [],
    sent: (messageId) => void unsent.delete(messageId),
    setJob: async (next) => {
      job = next
      persistent()?.touch()
      await patiently(persistent()?.flush())
    },
    flush: () => patiently(persistent()?.flush()),
  })

  /** Begins an answer; what waits goes on after it, unless it was stopped or failed. */
  const begin = async (
    parentId: string,
    sendOptions: SendOptions,
    previousLeafId: string | null,
  ): Promise<ChatMessage<M>> => {
    const message = await writer.answer(parentId, sendOptions, previousLeafId)
    if (message.status === 'done') sendNext()
    else lastFailed = { id: message.id, options: sendOptions }
    return message
  }
  const say = (
    parentId: string | null,
    content: Content,
    sendOptions: SendOptions,
  ): Promise<ChatMessage<M>> => {
    const previousLeafId = leaf()
    const message: ChatMessage<M> = {
      id: host.createId(),
      role: 'user',
      text: content.text,
      parts: partsOf(content),
      reasoning: '',
      status: 'done',
      error: undefined,
      createdAt: Date.now(),
      parentId,
      branch: { index: 0, count: 1 },
      // The caller names the type of its own metadata.
      ...(content.metadata !== undefined && { metadata: content.metadata as M }),
    }
    if (needUpload(content.images, host.options().storage !== undefined)) {
      unsent.set(message.id, content.images)
    }
    dispatch({ type: 'message-add', message })
    return begin(message.id, sendOptions, previousLeafId)
  }
  const sendNext = (): void => {
    const [next, ...rest] = waiting
    if (!next || conversation.live) return
    setWaiting(rest)
    next.resolve(say(leaf(), next.content, next.options))
  }
  const wait = (content: Content, sendOptions: SendOptions): Promise<ChatMessage<M>> =>
    new Promise((resolve, reject) => {
      const entry: WaitingSend<M> = {
        id: host.createId(),
        text: content.text,
        imageCount: content.images.length,
        createdAt: Date.now(),
        content,
        options: sendOptions,
        resolve,
        reject,
      }
      setWaiting([...waiting, entry])
      sendNext()
    })
  const takeWaiting = (sendId: string): WaitingSend<M> | undefined => {
    const entry = waiting.find((send) => send.id === sendId)
    if (entry) setWaiting(waiting.filter((send) => send !== entry))
    return entry
  }

  /**
   * One step towards room for a new answer, as `whenBusy` says.
   * Whoever waits looks again before it goes on: others may have waited for the same moment.
   */
  const makeRoom = async (whenBusy: WhenBusy): Promise<void> => {
    if (whenBusy === 'reject') {
      throw new FalLlmError(
        'busy',
        "An answer is being written. Await it, stop() it, or set whenBusy to 'queue' or 'interrupt'",
      )
    }
    if (whenBusy === 'interrupt') await writer.stop()
    else await writer.running()
  }
  const whenBusyOf = (sendOptions: SendOptions): WhenBusy =>
    sendOptions.whenBusy ?? host.options().whenBusy ?? 'queue'

  const hydrate = (): Promise<void> => {
    if (hydrated) return Promise.resolve()
    hydrating ??= (async () => {
      const stored = await persistent()?.load()
      hydrated = true
      if (!stored) return host.changed(session, false)
      job = stored.job
      waiting = stored.waiting.map(({ metadata, options, ...send }) => ({
        ...send,
        imageCount: send.images.length,
        content: { text: send.text, images: send.images, metadata },
        options: restored(options),
        resolve() {},
        reject() {},
      }))
      conversation = reduceChat(conversation, { type: 'tree-replace', tree: stored.tree })
      host.changed(session, false)
    })()
    return hydrating
  }
  const restored = ({ endpoint, ...rest }: StoredSend['options']): SendOptions => ({
    ...rest,
    ...(endpoint !== undefined && { endpoint: namedEndpoint(endpoint, host.options().endpoint) }),
  })
  const rejoin = async (): Promise<ChatMessage<M> | undefined> => {
    if (conversation.live) return writer.running()
    if (!job || !conversation.tree.nodes.has(job.messageId)) return undefined
    const message = await writer.rejoin(job)
    if (message.status === 'done') sendNext()
    return message
  }

  const session: Session<M> = {
    conversation: look,
    waiting: () => waiting,
    hydrated: () => hydrated,
    hydrate,
    async send(input, sendOptions = {}) {
      const content = parseSendInput(input)
      if (!hydrated) await hydrate()
      const whenBusy = whenBusyOf(sendOptions)
      const mustWait = conversation.live !== undefined || waiting.length > 0
      if (whenBusy === 'queue' && mustWait) return wait(content, sendOptions)
      while (conversation.live) await makeRoom(whenBusy)
      return say(leaf(), content, sendOptions)
    },
    stop: () => writer.stop(),
    detach: () => writer.detach(),
    async regenerate({ messageId, ...sendOptions } = {}) {
      if (!hydrated) await hydrate()
      while (conversation.live) await makeRoom(whenBusyOf(sendOptions))
      const path = visiblePath(conversation.tree)
      const last = messageId === undefined ? path.at(-1) : messageOf(messageId)
      const parentId = last?.role === 'user' ? last.id : last?.parentId
      if (!parentId) {
        throw new FalLlmError(
          'invalid-input',
          'There is no answer to write again. send() one first',
        )
      }
      return begin(parentId, sendOptions, leaf())
    },
    async edit(messageId, input, sendOptions = {}) {
      const content = parseSendInput(input)
      if (!hydrated) await hydrate()
      while (conversation.live) await makeRoom(whenBusyOf(sendOptions))
      const message = messageOf(messageId)
      if (message.role !== 'user') {
        throw new FalLlmError(
          'invalid-input',
          `Only a user's message can be edited, "${messageId}" is the ${message.role}'s. Use regenerate()`,
        )
      }
      return say(message.parentId, content, sendOptions)
    },
    async retry() {
      if (!hydrated) await hydrate()
      const { failedId, live, tree } = conversation
      const failed = tree.nodes.get(failedId ?? leaf() ?? '')
      const unfinished = failed?.status === 'error' || failed?.status === 'interrupted'
      if (live || !failed?.parentId || !unfinished) return undefined
      if (job?.messageId === failed.id) return rejoin()
      // After a reload nothing else is known of how it was asked.
      const { endpoint, model } = failed
      const again =
        lastFailed?.id === failed.id
          ? lastFailed.options
          : restored({ endpoint, ...(model !== undefined && { model }) })
      return begin(failed.parentId, again, leaf())
    },
    async resume() {
      if (!hydrated) await hydrate()
      return rejoin()
    },
    switchBranch(messageId, to) {
      const sibling = siblingOf(conversation.tree, messageId, to)
      if (sibling && !conversation.live) dispatch({ type: 'message-choose', messageId: sibling })
    },
    cancelQueued(sendId) {
      const error = new FalLlmError('cancelled', 'The message was taken back before it was sent')
      takeWaiting(sendId)?.reject(error)
    },
    async sendQueuedNow(sendId) {
      const entry = takeWaiting(sendId)
      if (!entry) throw new FalLlmError('invalid-input', `Nothing waits under the id "${sendId}"`)
      while (conversation.live) await makeRoom('interrupt')
      const running = say(leaf(), entry.content, entry.options)
      entry.resolve(running)
      return running
    },
    setMessages: (next) => dispatch({ type: 'tree-replace', tree: treeOf(next) }),
    remove: (messageId) => dispatch({ type: 'message-remove', messageId }),
    clearError: () => dispatch({ type: 'error-clear' }),
    close() {
      writer.detach()
      void persistence?.flush()
    },
  }
  return session
}

function nameOf(endpoint: SendOptions['endpoint']): string | undefined {
  return typeof endpoint === 'object' ? endpoint.id : endpoint
}

/** A storage that never answers holds nobody up. */
const storagePatienceMs = 2_000

function patiently(flush: Promise<void> | undefined): Promise<void> {
  if (!flush) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, storagePatienceMs)
    void flush.finally(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
