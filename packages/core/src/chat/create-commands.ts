// The commands of a chat as its engine takes them: input is checked and ids are made here. What is wrong with an input
// rejects the promise of a command that has one, and is thrown by one that is over at once.

import type { Chat, SendInput, SendOptions } from './chat.ts'
import type { GivenMessage, CallResult } from './engine/chat-event.ts'
import type { Engine, Order } from './engine/engine.ts'
import { visiblePath } from './engine/message-tree.ts'
import { toBody } from './message-input.ts'
import type { MessageInput } from './message-input.ts'
import { oneOf, wishes } from './one-of.ts'
import { parseSendInput, toSendContent } from './parse-send-input.ts'
import type { SendContent } from './parse-send-input.ts'
import type { ChatCommands } from './owner/chat-commands.ts'
import type { ChatMessage, ContextReport, TakenBackSend } from './state.ts'
import type { Conversations } from './conversations.ts'
import { givenMessages } from './first-messages.ts'

/** Creates the commands of a chat. They go to the conversation that is shown when they are called. */
export function createCommands(chats: Conversations): ChatCommands {
  const { askedOf, createId } = chats
  const contentOf = (input: SendInput): SendContent =>
    toSendContent(parseSendInput(input), chats.current.value().here.settings.hasStorage)
  /** Each resolves with what its own type says. */
  const run = <T>(work: () => Promise<unknown> | Order): Promise<T> =>
    handled(
      (async () => {
        const order = work()
        // An order is no promise: it is run.
        return ('do' in order ? await chats.current.call(order) : await order) as T
      })(),
    )
  /** Runs a command that is over at once. */
  const now = (order: Order): CallResult => chats.current.callNow(order)
  const turnOf = (sendOptions: SendOptions | null) => ({
    answerId: createId(),
    asked: askedOf(sendOptions),
    whenBusy: oneOf('whenBusy', sendOptions?.whenBusy, wishes),
  })

  return {
    send: (input, sendOptions = {}) =>
      run<ChatMessage>(() => ({
        do: 'send',
        id: createId(),
        content: contentOf(input),
        ...turnOf(sendOptions),
      })),
    stop: () => run<void>(() => ({ do: 'stop' })),
    detach: () => void now({ do: 'detach' }),
    regenerate: (sendOptions = {}) =>
      run<ChatMessage>(() => ({
        do: 'regenerate',
        messageId: sendOptions?.messageId,
        ...turnOf(sendOptions),
      })),
    edit: (messageId, input, sendOptions = {}) =>
      run<ChatMessage>(() => ({
        do: 'edit',
        messageId,
        id: createId(),
        content: contentOf(input),
        ...turnOf(sendOptions),
      })),
    retry: () => run<ChatMessage | undefined>(() => ({ do: 'retry', answerId: createId() })),
    continue: () => run<ChatMessage | undefined>(() => ({ do: 'continue' })),
    resume: () => run<ChatMessage | undefined>(() => ({ do: 'resume' })),
    switchBranch: (messageId, to) => void now({ do: 'switch', messageId, to }),
    cancelQueued: (messageId) => run<TakenBackSend>(() => ({ do: 'take-back', messageId })),
    sendQueuedNow: (messageId) => run<ChatMessage>(() => ({ do: 'send-now', messageId })),
    setMessages: (messages) => replaceMessages(chats.current, messages, createId),
    append(message) {
      const [first] = givenMessages([message], createId)
      // One message was given, and one is there when it is appended.
      return now({ do: 'append', message: first as GivenMessage }) as ChatMessage
    },
    update(messageId, patch) {
      const { metadata, ...words } = patch ?? {}
      const isSaid = words.text !== undefined || words.parts !== undefined
      const known = chats.current.value().tree.nodes.get(messageId)?.parts ?? []
      const message = { role: 'user', parts: known, ...words }
      // It is there when it is updated.
      return now({
        do: 'update',
        messageId,
        parts: isSaid ? toBody(message, 'update', 0).parts : undefined,
        metadata,
        hasMetadata: metadata !== undefined,
      }) as ChatMessage
    },
    remove: (messageId) => void now({ do: 'remove', messageId }),
    clear: () => void now({ do: 'clear' }),
    clearError: () => void now({ do: 'clear-error' }),
    rename: (title) => void now({ do: 'rename', title: String(title) }),
    estimate: (input, sendOptions = {}) =>
      run<ContextReport>(() =>
        chats.current.estimate(
          input === undefined ? undefined : contentOf(input),
          askedOf(sendOptions),
        ),
      ),
  }
}

function replaceMessages(
  engine: Engine,
  messages: Parameters<Chat['setMessages']>[0],
  createId: () => string,
): void {
  const set = (list: readonly MessageInput[]): unknown =>
    engine.callNow({ do: 'set-messages', messages: givenMessages(list, createId) })
  if (typeof messages !== 'function') return void set(messages)
  const replace = (): void => {
    const path = visiblePath(engine.value().tree)
    const next = messages(path)
    if (next !== path) set(next)
  }
  const { read } = engine.value().here.storage
  if (read === 'none' || read === 'open') replace()
  // What is replaced is not known yet.
  else void handled(engine.call({ do: 'open' }).then(replace))
}

/** The caller still sees the rejection; a call nobody awaits does not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
