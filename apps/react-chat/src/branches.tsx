import type { Chat, ChatMessage } from '@fal-llm/react'
import { IconButton } from './icon-button.tsx'

/** The arrows between versions of a message, where there is more than one. */
export function Branches({
  chat,
  message,
}: {
  readonly chat: Chat
  readonly message: ChatMessage
}) {
  const { index, count } = message.branch
  if (count < 2) return null
  return (
    <div className="branches">
      <IconButton
        name="Previous version"
        icon="previous"
        disabled={index === 0}
        onClick={() => chat.switchBranch(message.id, 'previous')}
      />
      <span>
        {index + 1} / {count}
      </span>
      <IconButton
        name="Next version"
        icon="next"
        disabled={index === count - 1}
        onClick={() => chat.switchBranch(message.id, 'next')}
      />
    </div>
  )
}
