import { toCostLine } from '@fal-llm/app-shared/text/cost-line'
import type { Chat } from '@fal-llm/react'
import { useFalChatSelector } from '@fal-llm/react'

/** What the conversation has used so far. Its place is kept before the first figures come. */
export function CostLine({ chat }: { readonly chat: Chat }) {
  const line = toCostLine(useFalChatSelector(chat, (state) => state.usage))
  if (!line) return <p className="cost" />
  return (
    <p className="cost" role="note" aria-label="Conversation total" title={line.reason}>
      {line.text}
    </p>
  )
}
