import type { Chat } from '@fal-llm/react'
import { useFalChatSelector } from '@fal-llm/react'
import { IconButton } from './icon-button.tsx'

/** What was sent while an answer was being written, and waits for its end. */
export function QueuedSends({ chat }: { readonly chat: Chat }) {
  const queued = useFalChatSelector(chat, (state) => state.queued)
  if (queued.length === 0) return null
  return (
    <ul className="queued" aria-label="Waiting to be sent">
      {queued.map(({ id, text, images }) => (
        <li key={id}>
          {text && <p className="bubble">{text}</p>}
          {images.length > 0 && (
            <span className="note">
              {images.length === 1 ? '1 picture' : `${images.length} pictures`}
            </span>
          )}
          <IconButton name="Send now" icon="send" onClick={() => void chat.sendQueuedNow(id)} />
          <IconButton name="Take back" icon="remove" onClick={() => chat.cancelQueued(id)} />
        </li>
      ))}
    </ul>
  )
}
