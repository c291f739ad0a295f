import type { Turns } from '@fal-llm/app-shared/llm/turns'
import type { Chat } from '@fal-llm/react'
import { useFalMessage } from '@fal-llm/react'
import { memo } from 'react'
import { Answer } from './answer.tsx'
import { Question } from './question.tsx'

interface MessageProps {
  readonly chat: Chat
  readonly turns: Turns
  readonly id: string
  readonly isLast: boolean
}

/** One row of the conversation. It renders again only when its own message changes. */
export const Message = memo(function Message({ chat, turns, id, isLast }: MessageProps) {
  const message = useFalMessage(chat, id)
  if (!message) return null
  return (
    <article
      className="message"
      aria-label={message.role === 'user' ? 'You' : 'Answer'}
      data-role={message.role}
      data-status={message.status}
    >
      {message.role === 'user' ? (
        <Question chat={chat} turns={turns} message={message} />
      ) : (
        <Answer chat={chat} turns={turns} message={message} isLast={isLast} />
      )}
    </article>
  )
})
