import type { ConversationEntry } from '@fal-llm/app-shared/stores/listed-conversations'
import { useRef } from 'react'
import { IconButton } from './icon-button.tsx'
import { conversations } from './page.ts'
import { UndoRemove } from './undo-remove.tsx'
import { useViewStore } from './use-view-store.ts'

/** What was talked about, newest first: open it, or delete it and think again. */
export function PastConversations({ onOpen }: { readonly onOpen?: () => void }) {
  const { entries, openId, removed } = useViewStore(conversations)
  const frame = useRef<HTMLDivElement>(null)

  return (
    <div className="past" tabIndex={-1} ref={frame}>
      {entries.length > 0 ? (
        <ul className="conversations" aria-label="Past conversations">
          {entries.map((entry) => (
            <PastConversation
              key={entry.id}
              entry={entry}
              isOpen={entry.id === openId}
              onOpen={onOpen}
            />
          ))}
        </ul>
      ) : (
        <p className="conversations-empty">
          What you talk about is listed here. It stays in this browser.
        </p>
      )}
      <div role="status">
        {removed && (
          <UndoRemove
            key={removed.id}
            title={removed.title}
            onLeave={() => frame.current?.focus()}
          />
        )}
      </div>
    </div>
  )
}

interface PastConversationProps {
  readonly entry: ConversationEntry
  readonly isOpen: boolean
  readonly onOpen: (() => void) | undefined
}

function PastConversation({ entry: { id, title }, isOpen, onOpen }: PastConversationProps) {
  return (
    <li className="conversation">
      <button
        type="button"
        className="conversation-open"
        aria-current={isOpen || undefined}
        title={title}
        onClick={() => {
          conversations.open(id)
          onOpen?.()
        }}
      >
        {title}
      </button>
      <IconButton name={`Delete ${title}`} icon="delete" onClick={() => conversations.remove(id)} />
    </li>
  )
}
