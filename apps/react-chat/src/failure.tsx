import type { Chat } from '@fal-llm/react'
import { useFalChatSelector } from '@fal-llm/react'
import { ErrorNote } from './error-note.tsx'

/** A failure the last message does not show: a new version that was refused leaves the one before it on the screen. */
export function Failure({ chat }: { readonly chat: Chat }) {
  const error = useFalChatSelector(chat, (state) =>
    state.messages.at(-1)?.error ? undefined : state.error,
  )
  return error && <ErrorNote error={error} onRetry={() => void chat.retry()} />
}
