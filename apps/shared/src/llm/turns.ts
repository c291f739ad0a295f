import type { Chat, ChatMessage, SendInput, SendOptions, TakenBackSend } from '@fal-llm/core'
import { canResume } from '../text/answer-ending.ts'
import { toImageRoute } from './image-route.ts'
import { toImages } from './message-images.ts'
import type { Settings } from '../stores/settings.ts'

/** The commands of a chat, routed: a turn with images goes to an endpoint that takes images. */
export interface Turns {
  /** @param images URLs of uploaded images. */
  send(text: string, images?: readonly string[]): void
  /** Edits a question; its images stay. */
  edit(question: ChatMessage, text: string): void
  /** Answers the question of an answer again, by who is chosen now. */
  regenerate(answer: ChatMessage): void
  /** Tries a failed answer again: what fal may still have is fetched, else who is chosen now is asked. */
  retry(answer: ChatMessage): void
  /** Gives a waiting message back to who writes the next one. */
  takeBack(id: string): void
}

/** What the turns of a chat need of the page. */
export interface TurnsOptions {
  readonly settings: { getState(): Settings }
  /** Takes the content of a message that was taken back. */
  readonly putBack: (taken: TakenBackSend) => void
}

/** The turns of one chat. They read the settings when they are called, so they can be handed on once. */
export function createTurns(chat: Chat, { settings, putBack }: TurnsOptions): Turns {
  const optionsFor = (images: readonly string[]): SendOptions =>
    images.length > 0 ? toImageRoute(settings.getState()) : {}
  // The chat asks again as it asked before. Here it is the choice on the screen that counts.
  const regenerate = ({ id, parentId }: ChatMessage): void => {
    const question = chat.getState().messages.find((message) => message.id === parentId)
    const { reasoning, durable, ...chosen } = settings.getState()
    const isLooking = question !== undefined && urlsOf(question).length > 0
    const { endpoint, model } = isLooking ? toImageRoute(chosen) : chosen
    const direct = endpoint.supports.stream ? 'stream' : 'queue'
    const mode = durable ? 'durable' : direct
    void chat.regenerate({ messageId: id, endpoint, model, params: { reasoning }, mode })
  }

  return {
    send(text, images = []) {
      void chat.send(toInput(text, images), optionsFor(images))
    },
    edit(question, text) {
      const images = urlsOf(question)
      void chat.edit(question.id, toInput(text, images), optionsFor(images))
    },
    regenerate,
    retry(answer) {
      if (canResume(answer)) void chat.retry()
      else regenerate(answer)
    },
    takeBack(id) {
      // One that was sent in this very moment is in the conversation, and nothing is to be put back.
      chat.cancelQueued(id).then(putBack, () => {})
    },
  }
}

function toInput(text: string, images: readonly string[]): SendInput {
  return images.length > 0 ? { text, images } : text
}

function urlsOf(message: ChatMessage): readonly string[] {
  return toImages(message).flatMap(({ url }) => (url ? [url] : []))
}
