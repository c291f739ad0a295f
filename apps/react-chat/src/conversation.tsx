import { copyCode } from '@fal-llm/app-shared/markdown/copy-code'
import { toAnnouncement } from '@fal-llm/app-shared/text/announcement'
import { toConversationTitle } from '@fal-llm/app-shared/text/conversation-title'
import type { Turns } from '@fal-llm/app-shared/llm/turns'
import type { Chat } from '@fal-llm/react'
import { useFalChatSelector } from '@fal-llm/react'
import { memo } from 'react'
import { EmptyState } from './empty-state.tsx'
import { Failure } from './failure.tsx'
import { IconButton } from './icon-button.tsx'
import { Message } from './message.tsx'
import { QueuedSends } from './queued-sends.tsx'
import { isSameList } from './same-list.ts'
import { useStickToBottom } from './use-stick-to-bottom.ts'

interface ConversationProps {
  readonly chat: Chat
  readonly turns: Turns
}

/** Every message. It renders when messages come or go; each row renders when its own text grows. */
export const Conversation = memo(function Conversation({ chat, turns }: ConversationProps) {
  const ids = useFalChatSelector(chat, (state) => state.messages.map(({ id }) => id), isSameList)
  const isBusy = useFalChatSelector(chat, (state) => state.isBusy)
  const status = useFalChatSelector(chat, (state) => state.status)
  const hydrated = useFalChatSelector(chat, (state) => state.hydrated)
  const firstWords = useFalChatSelector(chat, (state) => state.messages[0]?.text)
  const { attach, isAtEnd, scrollToEnd } = useStickToBottom(ids.length)

  return (
    <main className="stage">
      <title>{toConversationTitle(firstWords, 'fal-llm')}</title>
      <div
        className="scroller"
        role="log"
        aria-label="Conversation"
        aria-live="polite"
        aria-busy={isBusy}
        tabIndex={0}
        ref={attach}
        onClick={copyCode}
      >
        <div className="column">
          {hydrated && ids.length === 0 && <EmptyState turns={turns} />}
          {status === 'loading' && <p className="note note-loading">{toAnnouncement(status)}</p>}
          {ids.map((id, index) => (
            <Message key={id} chat={chat} turns={turns} id={id} isLast={index === ids.length - 1} />
          ))}
          <Failure chat={chat} />
          <QueuedSends chat={chat} turns={turns} />
        </div>
      </div>
      {!isAtEnd && (
        <IconButton name="Jump to latest" icon="latest" className="jump" onClick={scrollToEnd} />
      )}
      <p className="hidden" role="status">
        {toAnnouncement(status)}
      </p>
    </main>
  )
})
