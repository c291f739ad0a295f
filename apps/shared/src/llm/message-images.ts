import type { ChatMessage } from '@fal-llm/core'
import { toImageUrl } from './image-url.ts'

/** An image of a message, as a screen shows it. */
export interface MessageImage {
  /** What is sent to a model. */
  readonly url: string
  /** What an `<img>` loads; empty while the image is not uploaded yet. */
  readonly source: string
  /** For `alt`. */
  readonly name: string
}

/** The images of a message, in order. */
export function toImages(message: ChatMessage): readonly MessageImage[] {
  return message.parts
    .filter((part) => part.type === 'image')
    .map(({ url, name }, index, all) => ({
      url,
      source: url && toImageUrl(url),
      name: name ?? (all.length > 1 ? `Image ${index + 1}` : 'Image'),
    }))
}
