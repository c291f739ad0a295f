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
 * Reads what a caller wants said; anything may be given.
 *
 * @throws FalLlmError `invalid-input` for what is no `SendInput`, and when there is neither a text nor an image.
 */
export function parseSendInput(input: SendInput): Content {
  const given: Record<string, unknown> = Object(typeof input === 'string' ? { text: input } : input)
  const { text = '', images = [], metadata } = given
  if (typeof text !== 'string') throw invalidInput('`text` must be a string')
  // What is no list is one with something wrong in it.
  const list = isIterable(images) ? [...images] : [undefined]
  if (!list.every(isImage)) {
    throw invalidInput('`images` must be a list of URLs, data URIs, Blobs or Files')
  }
  if (!text.trim() && list.length === 0) {
    throw invalidInput("There is nothing to send: give 'a text' or { text, images }")
  }
  return { text, images: list, metadata }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
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
