// A chat shows one conversation of several: a changed `id` opens another, and what was going on in the one before
// finishes there. Options, the published store and the conversations meet here, and only here.

import type { Endpoint, EndpointId } from '../endpoints/index.ts'
import { FalLlmError } from '../errors.ts'
import type { FalLlm } from '../generate/fal-llm.ts'
import { loadPart } from '../load-part.ts'
import { callSafely, createStore, schedulerOf } from '../store.ts'
import type { Chat, ChatOptions, SendInput, SendOptions } from './chat.ts'
import { lockManager } from './engine/lock-manager.ts'
import type { GivenMessage, Settings } from './engine/chat-event.ts'
import type { SendContent } from './parse-send-input.ts'
import type { Asked } from './kept.ts'
import { createEngine } from './engine/driver.ts'
import type { Engine, FirstMessages, Order } from './engine/engine.ts'
import { keptOf } from './engine/given-messages.ts'
import { visiblePath } from './engine/message-tree.ts'
import { toBody } from './message-input.ts'
import type { MessageInput } from './message-input.ts'
import { followPage } from './owner/on-page-return.ts'
import { parseSendInput, toSendContent } from './parse-send-input.ts'
import { createComposer } from './snapshot/compose-state.ts'
import type { ChatMessage, ChatState, ContextReport, TakenBackSend } from './state.ts'
import { fromStoredChat, toStoredChat } from './storage/to-stored-chat.ts'

/**
 * Holds a conversation over a client. Nothing is read or sent before the first subscriber or command.
 *
 * @throws FalLlmError `invalid-input` for `messages` or a `from` that cannot be read.
 */
export function createChat<M = unknown>(initial: ChatOptions<EndpointId, M> = {}): Chat<M> {
  // The caller names the type of its own metadata; inside, it is passed on as it is.
  let options = initial as ChatOptions
  const engines = new Map<string, Engine>()
  const composers = new Map<Engine, (value: ReturnType<Engine['value']>) => ChatState>()
  /** Endpoints of one's own, by their names: what is kept holds names only. */
  const ownEndpoints = new Map<string, Endpoint>()
  let ownLlm: FalLlm | undefined
  const createId = (): string => options.createId?.() ?? randomId()

  const nameOf = (endpoint: SendOptions['endpoint']): string | undefined => {
    if (typeof endpoint !== 'object') return endpoint
    ownEndpoints.set(endpoint.id, endpoint)
    return endpoint.id
  }
  // null is what code without types gives for nothing.
  const askedOf = (given: SendOptions | null): Asked => {
    const { endpoint, model, params, system, mode } = given ?? {}
    const name = nameOf(endpoint)
    return {
      ...(name !== undefined && { endpoint: name }),
      ...(model !== undefined && { model }),
      // Seen as the record it is; a type that names its keys has no index.
      ...(params !== undefined && { params: params as Readonly<Record<string, unknown>> }),
      ...(system !== undefined && { system }),
      ...(mode !== undefined && { mode: oneOf('mode', mode, modes) }),
    }
  }
  const settingsOf = (): Settings => ({
    asked: askedOf(options),
    whenBusy: oneOf('whenBusy', options.whenBusy, wishes) ?? 'queue',
    hasStorage: options.storage !== undefined,
    resume: options.resume !== false,
    hasLocks: options.storage !== undefined && lockManager() !== undefined,
  })
  const open = (id: string, first?: FirstMessages): Engine => {
    const engine =
      engines.get(id) ??
      createEngine(
        id,
        {
          options: () => options,
          llm: clientOf,
          settings: settingsOf,
          endpointOf: (name) =>
            name === undefined ? undefined : (ownEndpoints.get(name) ?? (name as EndpointId)),
          changed(changedEngine, soon) {
            if (changedEngine !== current) return
            if (soon) store.touch()
            else store.publish()
          },
          stateOf,
          report: (error) => callSafely(() => options.onError?.(error, undefined)),
        },
        first,
      )
    engines.set(id, engine)
    return engine
  }
  /** A page that shows a chat carries no client before somebody asks. */
  const clientOf = async (): Promise<FalLlm> => {
    if (options.llm) return options.llm
    const { createFalLlm } = await loadPart(() => import('../create-fal-llm.ts'))
    return (ownLlm ??= createFalLlm())
  }
  const stateOf = (engine: Engine): ChatState => {
    const compose = composers.get(engine) ?? createComposer()
    composers.set(engine, compose)
    return compose(engine.value())
  }
  const given = (messages: readonly MessageInput[]): readonly GivenMessage[] =>
    listOf(messages).map((message, index) => {
      const body = toBody(message, `messages[${index}]`, Date.now())
      const { metadata } = message
      return {
        id: message.id ?? createId(),
        entry: { body, ...(metadata !== undefined && { metadata }) },
      }
    })
  const firstOf = ({ from, messages }: ChatOptions): FirstMessages | undefined => {
    if (from) return { kept: fromStoredChat(from), seeds: new Set() }
    const kept = messages && keptOf(given(messages))
    return kept && { kept, seeds: new Set(kept.messages.keys()) }
  }

  let current = open(options.id ?? createId(), firstOf(options))
  const store = createStore(
    () => stateOf(current),
    () => schedulerOf(options.flush),
  )
  const serverState = store.getState()

  let unfollowPage: (() => void) | undefined
  /** Those who look at the chat; when the last one is gone, the page's return wakes nothing. */
  const readers = new Set<object>()
  const wakeUp = (): void => {
    if (!options.storage) return
    unfollowPage ??= followPage({
      onReturn: () => current.lookAt({ again: true }),
      onLeave: () => current.flush(),
    })
    current.lookAt()
  }

  const contentOf = (input: SendInput): SendContent =>
    toSendContent(parseSendInput(input), options.storage !== undefined)
  /** A command that answers: what is wrong with its input rejects it. Each resolves with what its own type says. */
  const commandOf = <T>(work: () => Promise<unknown> | Order): Promise<T> =>
    handled(
      (async () => {
        const order = work()
        // An order is no promise: it is run.
        return ('do' in order ? await current.call(order) : await order) as T
      })(),
    )
  const turnOf = (sendOptions: SendOptions | null) => ({
    answerId: createId(),
    asked: askedOf(sendOptions),
    whenBusy: oneOf('whenBusy', sendOptions?.whenBusy, wishes),
  })

  const chat: Chat & { id: string } = {
    id: current.value().id,
    getState: store.getState,
    getServerState: () => serverState,
    subscribe(listener) {
      const unsubscribe = store.subscribe(listener)
      const reader = {}
      readers.add(reader)
      if (readers.size === 1) wakeUp()
      return () => {
        unsubscribe()
        readers.delete(reader)
        if (readers.size > 0) return
        unfollowPage?.()
        unfollowPage = undefined
      }
    },
    send: (input, sendOptions = {}) =>
      commandOf<ChatMessage>(() => ({
        do: 'send',
        id: createId(),
        content: contentOf(input),
        ...turnOf(sendOptions),
      })),
    stop: () => commandOf<void>(() => ({ do: 'stop' })),
    detach: () => void current.callNow({ do: 'detach' }),
    regenerate: (sendOptions = {}) =>
      commandOf<ChatMessage>(() => ({
        do: 'regenerate',
        messageId: sendOptions?.messageId,
        ...turnOf(sendOptions),
      })),
    edit: (messageId, input, sendOptions = {}) =>
      commandOf<ChatMessage>(() => ({
        do: 'edit',
        messageId,
        id: createId(),
        content: contentOf(input),
        ...turnOf(sendOptions),
      })),
    retry: () => commandOf<ChatMessage | undefined>(() => ({ do: 'retry', answerId: createId() })),
    continue: () => commandOf<ChatMessage | undefined>(() => ({ do: 'continue' })),
    resume: () => commandOf<ChatMessage | undefined>(() => ({ do: 'resume' })),
    switchBranch: (messageId, to) => void current.callNow({ do: 'switch', messageId, to }),
    cancelQueued: (messageId) => commandOf<TakenBackSend>(() => ({ do: 'take-back', messageId })),
    sendQueuedNow: (messageId) => commandOf<ChatMessage>(() => ({ do: 'send-now', messageId })),
    setMessages(messages) {
      if (typeof messages !== 'function') {
        return void current.callNow({ do: 'set-messages', messages: given(messages) })
      }
      const engine = current
      const replace = (): void => {
        const path = visiblePath(engine.value().tree)
        const next = messages(path)
        if (next !== path) engine.callNow({ do: 'set-messages', messages: given(next) })
      }
      const { read } = engine.value().here.storage
      if (read === 'none' || read === 'open') replace()
      // What is replaced is not known yet.
      else void handled(engine.call({ do: 'open' }).then(replace))
    },
    append(message) {
      const [first] = given([message])
      // One message was given, and one is there when it is appended.
      return current.callNow({ do: 'append', message: first as GivenMessage }) as ChatMessage
    },
    update(messageId, patch) {
      const { metadata, ...words } = patch ?? {}
      const isSaid = words.text !== undefined || words.parts !== undefined
      const known = current.value().tree.nodes.get(messageId)?.parts ?? []
      const message = { role: 'user', parts: known, ...words }
      // It is there when it is updated.
      return current.callNow({
        do: 'update',
        messageId,
        parts: isSaid ? toBody(message, 'update', 0).parts : undefined,
        metadata,
        hasMetadata: metadata !== undefined,
      }) as ChatMessage
    },
    remove: (messageId) => void current.callNow({ do: 'remove', messageId }),
    clear: () => void current.callNow({ do: 'clear' }),
    clearError: () => void current.callNow({ do: 'clear-error' }),
    rename: (title) => void current.callNow({ do: 'rename', title: String(title) }),
    estimate: (input, sendOptions = {}) =>
      commandOf<ContextReport>(() =>
        current.estimate(input === undefined ? undefined : contentOf(input), askedOf(sendOptions)),
      ),
    setOptions(patch) {
      const before = options
      options = {
        ...options,
        ...patch,
        ...(patch.llm === undefined && options.llm && { llm: options.llm }),
      }
      const { id, storage } = options
      const moves = id !== undefined && id !== current.value().id
      if (moves) current = open(id, firstOf(patch))
      chat.id = current.value().id
      const storageChanged = storage !== before.storage
      for (const engine of engines.values()) engine.follow(storageChanged)
      if ((moves || storageChanged) && readers.size > 0) wakeUp()
      // Nothing else of the options is in the state: text that waits for its frame goes on waiting.
      if (moves || options.whenBusy !== before.whenBusy || storageChanged) store.publish()
    },
    toJSON: () => toStoredChat(current.kept()),
    async destroy() {
      unfollowPage?.()
      const closing = [...engines.values()].map((engine) => engine.close())
      store.destroy()
      await Promise.all(closing)
    },
  }
  // The caller names the type of its own metadata.
  return chat as Chat<M>
}

const modes = ['stream', 'queue', 'run', 'durable']
const wishes = ['queue', 'interrupt', 'reject']

/** The option as it was given, if it is one there is. */
function oneOf<Name extends string | undefined>(
  option: string,
  given: Name,
  names: readonly string[],
): Name {
  if (given === undefined || names.includes(given)) return given
  throw new FalLlmError('invalid-input', `${option}: '${given}' is none of '${names.join("', '")}'`)
}

/** What a caller without types may give is no list. */
function listOf(messages: readonly MessageInput[]): readonly MessageInput[] {
  if (Array.isArray(messages)) return messages
  throw new FalLlmError('invalid-input', 'messages: give a list of { role, text }')
}

/** The caller still sees the rejection; a call nobody awaits does not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

// randomUUID exists in secure contexts only; a page on a plain http address in a local network has none.
function randomId(): string {
  return (
    globalThis.crypto.randomUUID?.() ??
    `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  )
}
