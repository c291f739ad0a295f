import { formatClock } from '@fal-llm/app-shared/text/format'
import { toQueueLine } from '@fal-llm/app-shared/text/queue-line'
import type { ChatMessage } from '@fal-llm/react'

/** The time before the first token: the place in the queue, and the job's log. */
export function Waiting({ queue }: { readonly queue: ChatMessage['queue'] }) {
  const logs = queue?.logs ?? []
  return (
    <>
      <p className="waiting">{toQueueLine(queue)}</p>
      {logs.length > 0 && (
        <details className="queue-log">
          <summary>Log</summary>
          <ol>
            {logs.map(({ timestamp, message }, index) => (
              // Lines are only ever added at the end.
              <li key={index}>
                <time dateTime={timestamp}>{formatClock(timestamp)}</time>
                {message}
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  )
}
