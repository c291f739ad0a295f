import { useChat } from '@ai-sdk/react'
import type { UIMessage } from 'ai'
import { createElement, memo, useEffect } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { aiOptions, textOfParts } from './ai-options.ts'
import { question } from './history.ts'
import { hasParameter, numberParameter } from './parameters.ts'
import { rowOf } from './react-row.ts'
import { noteRender } from './render-count.ts'
import { list, openStage } from './stage.ts'

interface RowProps {
  readonly message: UIMessage
  readonly index: number
}

function PlainRow({ message, index }: RowProps): ReactNode {
  noteRender(index)
  return rowOf(message.role, textOfParts(message))
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
