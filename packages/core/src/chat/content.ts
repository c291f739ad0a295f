import { FalLlmError } from '../errors.ts'
import type { SendInput } from './chat.ts'
import type { MessagePart } from './state.ts'

/** What a user said. */
export interface Content {
  readonly text: string
  readonly images: readonly (Blob | string)[]
  readonly metadata: unknown
}

/**
 * Reads what a caller wants said.
 *
 * @throws FalLlmError `invalid-input` when there is neither a text nor a picture.
 */
export function parseInput(input: SendInput): Content {
  const { text = '', images = [], metadata } = typeof input === 'string' ? { text: input } : input
  const content = { text, images: [...images], metadata }
  if (text.trim() || content.images.length > 0) return content
  throw new FalLlmError('invalid-input', 'There is nothing to send: give a text or an image')
}

/** Whether some pictures have to be uploaded first: a stored conversation must not hold bytes. Never throws. */
export function needUpload(images: Content['images'], stored: boolean): boolean {
  return images.some((image) => typeof image !== 'string' || (stored && image.startsWith('data:')))
}

/** A message's parts of what was said: its pictures, then its words. Never throws. */
export function partsOf({ text, images }: Content): readonly MessagePart[] {
  const words: MessagePart[] = text ? [{ type: 'text', text }] : []
  return [...images.map(imagePart), ...words]
}

/** A picture that is not uploaded yet has no URL. */
function imagePart(image: Blob | string): MessagePart {
  if (typeof image === 'string') return { type: 'image', url: image }
  const name = 'name' in image && typeof image.name === 'string' ? image.name : undefined
  return { type: 'image', url: '', mediaType: image.type, ...(name !== undefined && { name }) }
}
