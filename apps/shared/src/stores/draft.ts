import type { TakenBackSend } from '@fal-llm/core'
import type { Attachments } from './attachments.ts'
import { createViewStore } from './view-store.ts'
import type { WritableViewStore } from './view-store.ts'

/** The text of the message being written. */
export interface Draft extends WritableViewStore<string> {
  /** Puts a message that was taken back before what is being written, its images among those attached. */
  putBack(taken: TakenBackSend): void
}

/** Creates the draft of one composer. */
export function createDraft(attachments: Pick<Attachments, 'putBack'>): Draft {
  const { getState, subscribe, set } = createViewStore('')
  return {
    getState,
    subscribe,
    set,
    putBack({ text, images }) {
      set([text, getState()].filter((words) => words !== '').join('\n\n'))
      // Images are uploaded while they are attached: a message of this page has their addresses.
      attachments.putBack(images.filter((image) => typeof image === 'string'))
    },
  }
}
