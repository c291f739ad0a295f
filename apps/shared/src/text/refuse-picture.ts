import { formatBytes } from './format.ts'

/** The largest picture that is taken, bytes. */
export const maxPictureBytes = 10_000_000
/** The most pictures of one message. */
export const maxPictures = 8
/** What a picture may be; also for `<input accept>`. */
export const pictureTypes: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
]

/** Says in a sentence why a file is not taken; undefined when it is. Never throws. */
export function refusePicture(file: Blob, name: string, taken: number): string | undefined {
  if (!pictureTypes.includes(file.type)) {
    return `${name} cannot be sent: only PNG, JPEG, WebP and GIF pictures can.`
  }
  if (file.size > maxPictureBytes) {
    return `${name} is too large: ${formatBytes(file.size)}, and ${formatBytes(maxPictureBytes)} is the most.`
  }
  if (taken >= maxPictures) return `A message takes ${maxPictures} pictures at most.`
  return undefined
}
