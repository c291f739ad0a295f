import { FalLlmError } from '../errors.ts'
import type { SendInput } from './chat.ts'
import type { MessagePart } from './state.ts'

/** What a user said. */
export interface Content {
  readonly text: string
  readonly images: readonly (Blob | string)[]
  readonly metadata: unknown
}

/** What a person wants said. */
export interface SendContent {
  readonly parts: readonly MessagePart[]
  readonly files: readonly (Blob | string | undefined)[]
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

/** What a user said as a turn holds it: an image that is still to be uploaded has no URL, its file lies beside. */
export function toSendContent(
  { text, images, metadata }: Content,
  hasStorage: boolean,
): SendContent {
  // What is stored must not hold bytes.
  const isFile = (image: Blob | string): boolean =>
    typeof image !== 'string' || (hasStorage && image.startsWith('data:'))
  const words: MessagePart[] = text ? [{ type: 'text', text }] : []
  return {
    parts: [...images.map((image) => imagePart(image, isFile(image))), ...words],
    files: images.map((image) => (isFile(image) ? image : undefined)),
    metadata,
  }
}

/** An image that is not uploaded yet has no URL. */
function imagePart(image: Blob | string, isFile: boolean): MessagePart {
  if (typeof image === 'string') return { type: 'image', url: isFile ? '' : image }
  const name = 'name' in image && typeof image.name === 'string' ? image.name : undefined
  return { type: 'image', url: '', mediaType: image.type, ...(name !== undefined && { name }) }
}
