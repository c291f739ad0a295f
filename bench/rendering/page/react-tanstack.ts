import type { StreamChunk } from '@tanstack/ai'
import { stream, useChat } from '@tanstack/ai-react'
import type { UIMessage } from '@tanstack/ai-react'
import { createElement, memo, useEffect } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { history, question } from './history.ts'
import { rowOf } from './react-row.ts'
import { noteRender } from './render-count.ts'
import { readTokens } from './source.ts'
import { list, openStage } from './stage.ts'

const ids = { runId: 'r', threadId: 'bench', messageId: 'answer' }

/** The wire's shape; its type wants an enum of another package. */
function chunkOf(type: string, more: object = {}): StreamChunk {
  return { type, ...ids, ...more } as StreamChunk
}

async function* chunks(): AsyncGenerator<StreamChunk> {
  yield chunkOf('RUN_STARTED')
  yield chunkOf('TEXT_MESSAGE_START', { role: 'assistant' })
  for await (const tokens of readTokens()) {
    for (const delta of tokens) yield chunkOf('TEXT_MESSAGE_CONTENT', { delta })
  }
  yield chunkOf('TEXT_MESSAGE_END')
  yield chunkOf('RUN_FINISHED', { finishReason: 'stop' })
}

const options = {
  connection: stream(chunks),
  threadId: ids.threadId,
  initialMessages: history.map(({ id, role, text }): UIMessage => ({
    id,
    role,
    parts: [{ type: 'text', content: text }],
  })),
}

interface RowProps {
  readonly message: UIMessage
  readonly index: number
}

const Row = memo(function Row({ message, index }: RowProps): ReactNode {
  noteRender(index)
  const texts = message.parts.map((part) => (part.type === 'text' ? part.content : ''))
  return rowOf(message.role, texts.join(''))
})

function Conversation(): ReactNode {
  const { messages, sendMessage } = useChat(options)
  useEffect(() => openStage(() => sendMessage(question)), [sendMessage])
  return messages.map((message, index) => createElement(Row, { key: message.id, message, index }))
}

createRoot(list).render(createElement(Conversation))
