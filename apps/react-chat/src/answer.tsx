import { canResume, toEndingNote } from '@fal-llm/app-shared/text/answer-ending'
import type { Turns } from '@fal-llm/app-shared/llm/turns'
import type { Chat, ChatMessage } from '@fal-llm/react'
import { AnswerFacts } from './answer-facts.tsx'
import { Branches } from './branches.tsx'
import { ContextNote } from './context-note.tsx'
import { CopyButton } from './copy-button.tsx'
import { ErrorNote } from './error-note.tsx'
import { Icon } from './icon.tsx'
import { IconButton } from './icon-button.tsx'
import { Markdown } from './markdown.tsx'
import { Reasoning } from './reasoning.tsx'
import { Waiting } from './waiting.tsx'

interface AnswerProps {
  readonly chat: Chat
  readonly turns: Turns
  readonly message: ChatMessage
  readonly isLast: boolean
}

/** An answer, how it ended, and what can be done about it. */
export function Answer({ chat, turns, message, isLast }: AnswerProps) {
  const { text, reasoning, status, error } = message
  const note = toEndingNote(message)
  const retry = isLast ? () => turns.retry(message) : undefined
  const isLive = status === 'pending' || status === 'streaming'

  return (
    <>
      {reasoning && <Reasoning text={reasoning} isLive={isLive && text === ''} />}
      {isLive && text === '' && <Waiting queue={message.queue} />}
      {text && <Markdown text={text} isLive={isLive} />}
      {note && <p className="note">{note}</p>}
      {error && (
        <ErrorNote error={error} action={canResume(message) ? 'Resume' : 'Retry'} onRetry={retry} />
      )}
      <ContextNote message={message} />
      <footer className="foot">
        <Branches chat={chat} message={message} />
        {text && !isLive && <CopyButton text={text} />}
        {isLast && !error && canResume(message) && (
          <button type="button" className="button" onClick={retry}>
            <Icon name="regenerate" />
            Resume
          </button>
        )}
        {isLast && !isLive && !error && !canResume(message) && (
          <IconButton
            name="Regenerate"
            icon="regenerate"
            onClick={() => turns.regenerate(message)}
          />
        )}
        <AnswerFacts message={message} />
      </footer>
    </>
  )
}
