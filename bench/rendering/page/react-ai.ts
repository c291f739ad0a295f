import { useChat } from '@ai-sdk/react'
import type { UIMessage } from 'ai'
import { createElement, memo, useEffect } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { textOfAi } from '../../peers/ai.ts'
import { question } from '../../peers/conversation.ts'
import { aiOptions } from './options.ts'
import { rowOf } from './react-row.ts'
import { hasParameter, numberParameter } from './source.ts'
import { list, noteRender, openStage } from './stage.ts'

interface RowProps {
  readonly message: UIMessage
  readonly index: number
}

function PlainRow({ message, index }: RowProps): ReactNode {
  noteRender(index)
  return rowOf(message.role, textOfAi(message))
}

const Row = hasParameter('memoised') ? memo(PlainRow) : PlainRow
const throttleMs = numberParameter('throttle')
const options = Number.isNaN(throttleMs)
  ? aiOptions
  : { ...aiOptions, experimental_throttle: throttleMs }

function Conversation(): ReactNode {
  const { messages, sendMessage } = useChat(options)
  useEffect(() => openStage(() => sendMessage({ text: question })), [sendMessage])
  return messages.map((message, index) => createElement(Row, { key: message.id, message, index }))
}

createRoot(list).render(createElement(Conversation))
