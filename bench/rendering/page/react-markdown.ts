import { createMarkdownStream } from '@fal-llm/app-shared/markdown/markdown-stream'
import { useFalChat, useFalMessage } from '@fal-llm/react'
import type { Chat } from '@fal-llm/react'
import { createElement, memo, useEffect } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { Markdown } from 'react-chat/markdown'
import { question } from '../../peers/conversation.ts'
import { ourOptions } from './options.ts'
import { rowOf } from './react-row.ts'
import { answer } from './source.ts'
import { list, noteRender, openStage } from './stage.ts'

interface RowProps {
  readonly chat: Chat
  readonly id: string
  readonly index: number
}

const Row = memo(function Row({ chat, id, index }: RowProps): ReactNode {
  noteRender(index)
  const message = useFalMessage(chat, id)
  if (message?.role !== 'assistant') return message && rowOf(message.role, message.text)
  const isLive = message.status === 'pending' || message.status === 'streaming'
  const markdown = createElement(Markdown, { text: message.text, isLive })
  return createElement('article', { className: 'row assistant' }, markdown)
})

function Conversation(): ReactNode {
  const { messages, chat, send } = useFalChat(ourOptions)
  useEffect(() => openStage(() => send(question), readAtOnce), [send])
  return messages.map(({ id }, index) => createElement(Row, { key: id, chat, id, index }))
}

/** How the whole answer reads when it comes in one piece. */
function readAtOnce(): string {
  const page = document.createElement('div')
  page.innerHTML = createMarkdownStream()
    .update(answer)
    .map(({ html }) => html)
    .join('')
  return page.textContent ?? ''
}

createRoot(list).render(createElement(Conversation))
