import { FalLlmError } from '../errors.ts'
import type { SendInput } from './chat.ts'
import type { MessagePart } from './state.ts'

/** What a user said. */
export interface Content {
  readonly text: string
  readonly images: readonly (Blob | string)[]
  readonly metadata: unknown
}

const shape = "a text, or { text: 'Hello', images: [file, 'https://…'] }"

/**
 * Reads what a caller wants said; anything may be given.
 *
 * @throws FalLlmError `invalid-input` for what is no `SendInput`, and when there is neither a text nor an image.
 */
export function parseSendInput(input: SendInput): Content {
  const given: unknown = typeof input === 'string' ? { text: input } : input
  if (typeof given !== 'object' || given === null) throw invalidInput(`Send ${shape}`)
  // Any object has fields; what they hold is checked below.
  const { text = '', images = [], metadata } = given as Record<string, unknown>
  if (typeof text !== 'string') throw invalidInput(`\`text\` must be a string. Send ${shape}`)
  if (typeof images !== 'object' || !images || !(Symbol.iterator in images)) {
    throw invalidInput(`\`images\` must be a list. Send ${shape}`)
  }
  // Whatever it yields is checked next.
  const list = [...(images as Iterable<unknown>)]
  if (!list.every(isImage)) {
    const wrong = list.findIndex((image) => !isImage(image))
    throw invalidInput(`\`images[${wrong}]\` must be a URL, a data URI, a Blob or a File`)
  }
  if (!text.trim() && list.length === 0) {
    throw invalidInput('There is nothing to send: give a text or an image')
  }
  return { text, images: list, metadata }
}

function isImage(image: unknown): image is Blob | string {
  return typeof image === 'string' ? image !== '' : image instanceof Blob
}

function invalidInput(message: string): FalLlmError {
  return new FalLlmError('invalid-input', message)
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
