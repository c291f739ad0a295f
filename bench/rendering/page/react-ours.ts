import { useFalChat, useFalMessage } from '@fal-llm/react'
import type { Chat } from '@fal-llm/react'
import { createElement, memo, useEffect } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { question } from '../../peers/conversation.ts'
import { ourOptions } from './options.ts'
import { rowOf } from './react-row.ts'
import { list, noteRender, openStage } from './stage.ts'

interface RowProps {
  readonly chat: Chat
  readonly id: string
  readonly index: number
}

const Row = memo(function Row({ chat, id, index }: RowProps): ReactNode {
  noteRender(index)
  const message = useFalMessage(chat, id)
  return message && rowOf(message.role, message.text)
})

function Conversation(): ReactNode {
  const { messages, chat, send } = useFalChat(ourOptions)
  useEffect(() => openStage(() => send(question)), [send])
  return messages.map(({ id }, index) => createElement(Row, { key: id, chat, id, index }))
}

createRoot(list).render(createElement(Conversation))
