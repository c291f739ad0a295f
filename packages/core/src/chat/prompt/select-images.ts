import type { Endpoint } from '../../endpoints/index.ts'
import type { ChatMessage, MessagePart } from '../state.ts'

/** An image of a message. */
export type ImagePart = Extract<MessagePart, { readonly type: 'image' }>

/** What the report names is bounded: a report is stored with every answer. */
const maxNamedFiles = 20

/**
 * Chooses the images of these turns that are sent: the newest, up to the endpoint's limit. Where none are looked at,
 * those of the last turn stay, so that they are refused by name and not lost in silence.
 */
export function selectImages(
  turns: readonly ChatMessage[],
  { supports, limits }: Endpoint,
): ReadonlySet<ImagePart> {
  const last = turns.at(-1)
  if (!supports.images) return new Set(last && imagesOf(last))
  // One without a URL was lost with its page, or is uploaded before it is sent.
  const images = turns.flatMap((turn) => imagesOf(turn).filter(({ url }) => url || turn === last))
  return new Set(images.slice(Math.max(images.length - (limits?.images ?? Infinity), 0)))
}

/** Names the images of a conversation that are not sent, newest first. */
export function droppedFiles(
  path: readonly ChatMessage[],
  sent: ReadonlySet<ImagePart>,
): readonly string[] {
  const images = path.flatMap(imagesOf).filter((image) => !sent.has(image))
  return images.slice(-maxNamedFiles).reverse().map(fileName)
}

/** The images of a message, in its order. */
export function imagesOf({ parts }: ChatMessage): readonly ImagePart[] {
  return parts.filter((part) => part.type === 'image')
}

function fileName({ name, url, mediaType }: ImagePart): string {
  if (name) return name
  // The bytes of a data URI begin after the comma.
  const address = url.startsWith('data:') ? url.split(',', 1)[0] : url
  return address || mediaType || 'image'
}
