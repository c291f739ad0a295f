import { memo } from 'react'
import { Icon } from './icon.tsx'
import { conversations } from './page.ts'
import { PastConversations } from './past-conversations.tsx'

/** The list of conversations, where the screen is wide enough to keep it in view. */
export const Rail = memo(function Rail() {
  return (
    <nav className="rail" aria-label="Conversations">
      <div className="rail-head">
        <button type="button" className="new-chat" onClick={conversations.startNew}>
          <Icon name="fresh" />
          New chat
        </button>
      </div>
      <PastConversations />
    </nav>
  )
})
