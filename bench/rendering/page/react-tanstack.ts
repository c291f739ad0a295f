import { useChat } from '@tanstack/ai-react'
import type { UIMessage } from '@tanstack/ai-react'
import { createElement, memo, useEffect } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { question } from '../../peers/conversation.ts'
import { createTanStackOptions, textOfTanStack } from '../../peers/tanstack.ts'
import { rowOf } from './react-row.ts'
import { readTokens } from './source.ts'
import { list, noteRender, openStage, turns } from './stage.ts'

const options = createTanStackOptions(readTokens, turns)

interface RowProps {
  readonly message: UIMessage
  readonly index: number
}

const Row = memo(function Row({ message, index }: RowProps): ReactNode {
  noteRender(index)
  return rowOf(message.role, textOfTanStack(message))
})

function Conversation(): ReactNode {
  const { messages, sendMessage } = useChat(options)
  useEffect(() => openStage(() => sendMessage(question)), [sendMessage])
  return messages.map((message, index) => createElement(Row, { key: message.id, message, index }))
}

createRoot(list).render(createElement(Conversation))
