import type { ChatMessage } from '@fal-llm/react'

/** The time before the first word, and how many are served before this one where there is a queue. */
export function Waiting({ queue }: { readonly queue: ChatMessage['queue'] }) {
  return (
    <p className="waiting">
      {queue && (queue.position ? `In the queue, ${queue.position} ahead` : 'In the queue')}
    </p>
  )
}
