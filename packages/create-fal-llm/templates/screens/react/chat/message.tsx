import type { ChatMessage } from '@fal-llm/react'
import { memo } from 'react'
import { describeAnswer, describeEnding } from './describe-answer'
import { IconButton } from './icon-button'
import { toHtml } from './markdown'

interface MessageProps {
  message: ChatMessage
  /** Given for the last answer: asks for another one in its place. */
  again: (() => Promise<unknown>) | undefined
}

/** One row of the conversation. It renders again only when its message changes. */
export const Message = memo(function Message({ message, again }: MessageProps) {
  const { role, status, text } = message
  if (role === 'user') {
    return (
      <article className="message" data-role="user" aria-label="You">
        <p className="bubble">{text}</p>
      </article>
    )
  }
  const isGrowing = status === 'pending' || status === 'streaming'
  const ending = describeEnding(message)
  return (
    <article className="message" data-role={role} aria-label="Answer">
      {isGrowing && text === '' && <p className="waiting">Thinking</p>}
      <div className="prose" data-growing={isGrowing || undefined}>
        {toHtml(text).map((html, index) => (
          <div key={index} dangerouslySetInnerHTML={{ __html: html }} />
        ))}
      </div>
      {ending && <p className="note">{ending}</p>}
      {!isGrowing && text !== '' && (
        <footer className="foot">
          <IconButton
            name="Copy"
            icon="copy"
            onClick={() => void navigator.clipboard.writeText(text)}
          />
          {again && <IconButton name="Answer again" icon="again" onClick={() => void again()} />}
          <small>{describeAnswer(message)}</small>
        </footer>
      )}
    </article>
  )
})
