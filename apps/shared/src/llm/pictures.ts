import type { ChatMessage } from '@fal-llm/core'
import { toPictureUrl } from './picture-url.ts'

/** A picture of a message, as a screen shows it. */
export interface Picture {
  /** What is sent to a model. */
  readonly url: string
  /** What an `<img>` loads; empty while the picture is not uploaded yet. */
  readonly source: string
  /** For `alt`. */
  readonly name: string
}

/** The pictures of a message, in order. Never throws. */
export function toPictures(message: ChatMessage): readonly Picture[] {
  return message.parts
    .filter((part) => part.type === 'image')
    .map(({ url, name }, index, all) => ({
      url,
      source: url && toPictureUrl(url),
      name: name ?? (all.length > 1 ? `Picture ${index + 1}` : 'Picture'),
    }))
}
