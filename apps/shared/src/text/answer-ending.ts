import type { ChatMessage } from '@fal-llm/core'

/** A note about an answer that ended early without a failure; empty for any other. */
export function toEndingNote(message: ChatMessage): string {
  if (message.status === 'stopped') return 'Stopped'
  return canResume(message) && !message.error ? 'fal is still at work on this answer.' : ''
}

/** Whether fal may still have the answer: it is fetched, and not paid for again. */
export function canResume({ status, job }: Pick<ChatMessage, 'status' | 'job'>): boolean {
  return job !== undefined && (status === 'interrupted' || status === 'error')
}
