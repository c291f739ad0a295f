import type { Turns } from '@fal-llm/app-shared/llm/turns'
import { toPausedNote, toImagesNote } from '@fal-llm/app-shared/text/waiting-notes'
import type { Chat } from '@fal-llm/react'
import { useFalChatSelector } from '@fal-llm/react'
import { IconButton } from './icon-button.tsx'

interface QueuedSendsProps {
  readonly chat: Chat
  readonly turns: Turns
}

/** What was sent and waits: for the end of an answer, for the storage, or for a person. */
export function QueuedSends({ chat, turns }: QueuedSendsProps) {
  const queued = useFalChatSelector(chat, (state) => state.queued)
  const pausedNote = useFalChatSelector(chat, toPausedNote)
  if (queued.length === 0) return null
  return (
    <>
      <ul className="queued" aria-label="Waiting to be sent">
        {queued.map(({ id, text, images }) => (
          <li key={id}>
            {text && <p className="bubble">{text}</p>}
            {images.length > 0 && <span className="note">{toImagesNote(images)}</span>}
            <IconButton name="Send now" icon="send" onClick={() => void chat.sendQueuedNow(id)} />
            <IconButton name="Take back" icon="remove" onClick={() => turns.takeBack(id)} />
          </li>
        ))}
      </ul>
      {pausedNote && <p className="note note-paused">{pausedNote}</p>}
    </>
  )
}
