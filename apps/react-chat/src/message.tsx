import type { Chat } from '@fal-llm/react'
import { useFalMessage } from '@fal-llm/react'
import { memo } from 'react'
import { Answer } from './answer.tsx'
import { Question } from './question.tsx'

interface MessageProps {
  readonly chat: Chat
  readonly id: string
  readonly isLast: boolean
}

/** One row of the conversation. It renders again only when its own message changes. */
export const Message = memo(function Message({ chat, id, isLast }: MessageProps) {
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
        <Question chat={chat} message={message} />
      ) : (
        <Answer chat={chat} message={message} isLast={isLast} />
      )}
    </article>
  )
})
