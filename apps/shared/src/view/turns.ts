import type { Chat, ChatMessage, SendInput, SendOptions } from '@fal-llm/core'
import { toImageRoute } from './image-route.ts'
import { toPictures } from './pictures.ts'
import type { Settings } from './settings.ts'

/** What a person says to a chat, routed: a turn with pictures goes to an endpoint that looks at them. */
export interface Turns {
  /** @param images URLs of uploaded pictures. */
  send(text: string, images?: readonly string[]): void
  /** Says a question differently; its pictures stay. */
  edit(question: ChatMessage, text: string): void
  /** Answers the question of an answer again. */
  regenerate(answer: ChatMessage): void
}

/** The turns of one chat. They read the settings when they are called, so they can be handed on once. Never throws. */
export function createTurns(chat: Chat, settings: { getState(): Settings }): Turns {
  const optionsFor = (images: readonly string[]): SendOptions =>
    images.length > 0 ? toImageRoute(settings.getState()) : {}

  return {
    send(text, images = []) {
      void chat.send(toInput(text, images), optionsFor(images))
    },
    edit(question, text) {
      const images = urlsOf(question)
      void chat.edit(question.id, toInput(text, images), optionsFor(images))
    },
    regenerate({ id, parentId }) {
      const question = chat.getState().messages.find((message) => message.id === parentId)
      const images = question ? urlsOf(question) : []
      void chat.regenerate({ messageId: id, ...optionsFor(images) })
    },
  }
}

function toInput(text: string, images: readonly string[]): SendInput {
  return images.length > 0 ? { text, images } : text
}

function urlsOf(message: ChatMessage): readonly string[] {
  return toPictures(message).flatMap(({ url }) => (url ? [url] : []))
}
