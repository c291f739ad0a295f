import type { ChatMessage } from '@fal-llm/core'

/** Where in the queue an answer waits; empty for one that is not in a queue. */
export function toQueueLine(queue: ChatMessage['queue']): string {
  if (!queue) return ''
  if (queue.position === undefined) return queue.logs.length > 0 ? 'Working on it' : 'In the queue'
  return queue.position === 0 ? 'Next in the queue' : `In the queue, ${queue.position} ahead`
}
