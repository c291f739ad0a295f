import type { ChatStatus } from '@fal-llm/core'

const announcements: Readonly<Record<ChatStatus, string>> = {
  loading: 'Opening the conversation',
  ready: '',
  uploading: 'Uploading',
  submitted: 'Waiting for the model',
  queued: 'Waiting in the queue',
  streaming: 'The model is answering',
  error: 'The answer failed',
}

/** What a screen reader announces of a chat's progress; it reads the answer itself from the log. */
export function toAnnouncement(status: ChatStatus): string {
  return announcements[status]
}
