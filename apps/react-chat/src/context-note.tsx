import { toContextLine } from '@fal-llm/app-shared/text/context-line'
import type { ChatMessage } from '@fal-llm/react'

/** Shows that an answer was given only a part of the conversation; nothing when it was given all. */
export function ContextNote({ message }: { readonly message: ChatMessage }) {
  const line = toContextLine(message.context)
  if (!line) return null
  return (
    <details className="context">
      <summary title={line.reason}>{line.text}</summary>
      <p>{line.reason}</p>
    </details>
  )
}
