// One conversation in ours, in the peers and in the least that could hold it. A listener reads the last message's text
// each time it is told, as a screen would.

import { Chat } from '@ai-sdk/react'
import { ChatClient, stream } from '@tanstack/ai-client'
import type { StreamChunk } from '@tanstack/ai'
import type { UIMessage, UIMessageChunk } from 'ai'
import type { ChatMessage } from '@fal-llm/core'
import { createFalChat, createFalLlm } from '@fal-llm/core'
// The inside of `generate`: these rows are about the engine, not about the wire.
import { createRun } from '../../packages/core/src/generate/run.ts'
import { systemClock } from '../../packages/core/src/clock.ts'
import { createWatch } from '../../packages/core/src/deadline.ts'
import { readsOf } from './script.ts'
import type { Script } from './script.ts'

/** A conversation with some history, ready for one more turn. */
export interface Engine {
  /** Asks, and resolves with the answer's text once it is complete. */
  send(): Promise<string>
}

/** What an engine is made for. */
export interface Stage {
  readonly history: number
  readonly script: Script
  /** Told of the last message's text with each notification. */
  readonly onText: (text: string) => void
  /** Told of each write. Without it nothing is stored. */
  readonly onWrite?: () => void
}

export type EngineName = 'ours' | 'ours sync' | 'ai 6' | 'TanStack' | 'plain store' | 'floor'

/** All of them. */
export const engines: Record<EngineName, (stage: Stage) => Engine> = {
  ours: (stage) => createOurs(stage, 'frame'),
  'ours sync': (stage) => createOurs(stage, 'sync'),
  'ai 6': createAi,
  TanStack: createTanStack,
  'plain store': createPlain,
  floor: ({ script }) => ({
    async send() {
      let text = ''
      for await (const tokens of readsOf(script)) for (const token of tokens) text += token
      return text
    },
  }),
}

const turn = (index: number): { role: 'user' | 'assistant'; text: string; id: string } => ({
  role: index % 2 === 0 ? 'user' : 'assistant',
  text: `Turn ${index}: some words that were said before.`,
  id: `m${index}`,
})

function historyOf<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function createOurs(stage: Stage, flush: 'frame' | 'sync'): Engine {
  const { history, script, onText, onWrite } = stage
  const messages = historyOf(history, (index): ChatMessage => {
    const { text, ...rest } = turn(index)
    return {
      ...rest,
      text,
      parts: [{ type: 'text', text }],
      reasoning: '',
      status: 'done',
      error: undefined,
      createdAt: index,
      parentId: index === 0 ? null : `m${index - 1}`,
      branch: { index: 0, count: 1 },
    }
  })
  // Everything of `generate` but the wire.
  const generate = () =>
    createRun({
      watch: createWatch(systemClock),
      endpoint: 'openrouter/router',
      model: 'bench/model',
      promptTokens: () => 1,
      async work(emit) {
        for await (const tokens of readsOf(script)) {
          for (const delta of tokens) emit({ type: 'text-delta', delta })
        }
        emit({ type: 'finish', reason: 'stop' })
      },
    })
  const chat = createFalChat({
    llm: { ...createFalLlm({ credentials: 'bench:key' }), generate },
    flush,
    messages,
    model: 'bench/model',
    ...(onWrite && { storage: { getItem: () => null, setItem: onWrite, removeItem() {} } }),
  })
  chat.subscribe((state) => onText(state.messages.at(-1)?.text ?? ''))
  return {
    async send() {
      const { text } = await chat.send('And now?')
      chat.destroy()
      return text
    },
  }
}

function createAi({ history, script, onText }: Stage): Engine {
  const chat = new Chat<UIMessage>({
    messages: historyOf(history, (index): UIMessage => {
      const { text, ...rest } = turn(index)
      return { ...rest, parts: [{ type: 'text', text }] }
    }),
    transport: {
      sendMessages: async () => {
        const chunks = aiChunks(script)
        return new ReadableStream<UIMessageChunk>({
          async pull(controller) {
            const { done, value } = await chunks.next()
            if (done) controller.close()
            else for (const chunk of value) controller.enqueue(chunk)
          },
        })
      },
      reconnectToStream: async () => null,
    },
  })
  const textOf = (): string => {
    const part = chat.messages.at(-1)?.parts.at(-1)
    return part?.type === 'text' ? part.text : ''
  }
  // What `useChat` subscribes with.
  chat['~registerMessagesCallback'](() => onText(textOf()))
  return {
    async send() {
      await chat.sendMessage({ text: 'And now?' })
      return textOf()
    },
  }
}

async function* aiChunks(script: Script): AsyncGenerator<UIMessageChunk[]> {
  yield [{ type: 'start' }, { type: 'text-start', id: 't' }]
  for await (const tokens of readsOf(script)) {
    yield tokens.map((delta) => ({ type: 'text-delta', id: 't', delta }))
  }
  yield [{ type: 'text-end', id: 't' }, { type: 'finish' }]
}

function createTanStack({ history, script, onText, onWrite }: Stage): Engine {
  type Message = ReturnType<ChatClient['getMessages']>[number]
  const textOf = (message: Message | undefined): string => {
    const part = message?.parts.at(-1)
    return part?.type === 'text' ? part.content : ''
  }
  const client = new ChatClient({
    connection: stream(() => tanStackChunks(script)),
    threadId: 'bench',
    initialMessages: historyOf(history, (index): Message => {
      const { text, ...rest } = turn(index)
      return { ...rest, parts: [{ type: 'text', content: text }] }
    }),
    onMessagesChange: (messages) => onText(textOf(messages.at(-1))),
    ...(onWrite && {
      persistence: { getItem: () => null, setItem: onWrite, removeItem() {} },
    }),
  })
  return {
    async send() {
      await client.sendMessage('And now?')
      return textOf(client.getMessages().at(-1))
    },
  }
}

async function* tanStackChunks(script: Script): AsyncGenerator<StreamChunk> {
  const ids = { runId: 'r', threadId: 'bench', messageId: 'answer' }
  // The wire's shape; its type wants an enum of another package.
  const chunk = (type: string, more: object = {}): StreamChunk =>
    ({ type, ...ids, ...more }) as StreamChunk
  yield chunk('RUN_STARTED')
  yield chunk('TEXT_MESSAGE_START', { role: 'assistant' })
  for await (const tokens of readsOf(script)) {
    for (const delta of tokens) yield chunk('TEXT_MESSAGE_CONTENT', { delta })
  }
  yield chunk('TEXT_MESSAGE_END')
  yield chunk('RUN_FINISHED', { finishReason: 'stop' })
}

/** What one writes by hand: a list that is copied with each token. */
function createPlain({ history, script, onText }: Stage): Engine {
  let messages = historyOf(history, turn)
  const set = (next: typeof messages): void => {
    messages = next
    onText(messages.at(-1)?.text ?? '')
  }
  return {
    async send() {
      set([...messages, { ...turn(0), id: 'q' }, { ...turn(1), id: 'a', text: '' }])
      for await (const tokens of readsOf(script)) {
        for (const token of tokens) {
          set(
            messages.map((message) =>
              message.id === 'a' ? { ...message, text: message.text + token } : message,
            ),
          )
        }
      }
      return messages.at(-1)?.text ?? ''
    },
  }
}
