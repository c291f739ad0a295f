// One conversation in ours, in the peers and in the least that could hold it. A listener reads the last message's text
// with each notification, as a screen would.

import { Chat } from '@ai-sdk/react'
import { createFalChat } from '@fal-llm/core'
import { ChatClient } from '@tanstack/ai-client'
import type { UIMessage } from 'ai'
import { createAiOptions, textOfAi } from '../peers/ai.ts'
import { createTurns, question } from '../peers/conversation.ts'
import type { ReadTokens, Turn } from '../peers/conversation.ts'
import { createOurLlm, toOurMessages } from '../peers/ours.ts'
import { createTanStackOptions, textOfTanStack } from '../peers/tanstack.ts'

/** Asks for one more turn, and resolves with the answer's text once it is complete. */
export type Send = () => Promise<string>

/** What an engine is made for. */
export interface Stage {
  /** How many messages there are. */
  readonly history: number
  readonly readTokens: ReadTokens
  /** Takes the last message's text with each notification. */
  readonly onText: (text: string) => void
  /** Takes each write. Without it nothing is stored. */
  readonly onWrite?: () => void
}

export type EngineName = 'ours' | 'ours sync' | 'ai 6' | 'TanStack' | 'plain store' | 'floor'

/** Every engine, by name. */
export const engines: Record<EngineName, (stage: Stage) => Send> = {
  ours: (stage) => createOurs(stage, 'frame'),
  'ours sync': (stage) => createOurs(stage, 'sync'),
  'ai 6'({ history, readTokens, onText }) {
    const chat = new Chat<UIMessage>(createAiOptions(readTokens, turnsOf(history)))
    const text = (): string => {
      const last = chat.messages.at(-1)
      return last ? textOfAi(last) : ''
    }
    // What `useChat` subscribes with.
    chat['~registerMessagesCallback'](() => onText(text()))
    return async () => {
      await chat.sendMessage({ text: question })
      return text()
    }
  },
  TanStack({ history, readTokens, onText, onWrite }) {
    const client = new ChatClient({
      ...createTanStackOptions(readTokens, turnsOf(history)),
      onMessagesChange: (messages) => onText(textOfTanStack(messages.at(-1))),
      ...(onWrite && { persistence: storageOf(onWrite) }),
    })
    return async () => {
      await client.sendMessage(question)
      return textOfTanStack(client.getMessages().at(-1))
    }
  },
  'plain store': createPlain,
  floor:
    ({ readTokens }) =>
    async () => {
      let text = ''
      for await (const tokens of readTokens()) for (const token of tokens) text += token
      return text
    },
}

function turnsOf(count: number): readonly Turn[] {
  return createTurns(count, (index) => `Turn ${index}: some words that were said before.`)
}

/** Ours keeps a list of the conversations beside them, written once per conversation: what counts is the conversation. */
const storageOf = (onWrite: () => void) => ({
  getItem: () => null,
  setItem: (key: string) => void (key === 'fal-llm:chats' || onWrite()),
  removeItem() {},
})

function createOurs(
  { history, readTokens, onText, onWrite }: Stage,
  flush: 'frame' | 'sync',
): Send {
  const chat = createFalChat({
    llm: createOurLlm(readTokens),
    flush,
    messages: toOurMessages(turnsOf(history)),
    model: 'bench/model',
    ...(onWrite && { storage: storageOf(onWrite) }),
  })
  chat.subscribe((state) => onText(state.messages.at(-1)?.text ?? ''))
  return async () => {
    const { text } = await chat.send(question)
    chat.destroy()
    return text
  }
}

/** What one writes by hand: a list that is copied with each token. */
function createPlain({ history, readTokens, onText }: Stage): Send {
  let messages = turnsOf(history)
  const set = (next: readonly Turn[]): void => {
    messages = next
    onText(messages.at(-1)?.text ?? '')
  }
  const add = (token: string) => (message: Turn) =>
    message.id === 'a' ? { ...message, text: message.text + token } : message
  return async () => {
    const asked = { id: 'q', role: 'user', text: question } as const
    set([...messages, asked, { id: 'a', role: 'assistant', text: '' }])
    for await (const tokens of readTokens()) {
      for (const token of tokens) set(messages.map(add(token)))
    }
    return messages.at(-1)?.text ?? ''
  }
}
