import { formatBytes } from './format.ts'

/** The largest image that is taken, bytes. */
export const maxImageBytes = 10_000_000
/** The most images of one message. */
export const maxImages = 8
/** What an image may be; also for `<input accept>`. */
export const imageTypes: readonly string[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']

/** Why a file is refused, in a sentence; undefined when it is taken. */
export function refuseImage(file: Blob, name: string, taken: number): string | undefined {
  if (!imageTypes.includes(file.type)) {
    return `${name} cannot be sent: only PNG, JPEG, WebP and GIF images can.`
  }
  if (file.size > maxImageBytes) {
    return `${name} is too large: ${formatBytes(file.size)}, and ${formatBytes(maxImageBytes)} is the most.`
  }
  if (taken >= maxImages) return `A message takes ${maxImages} images at most.`
  return undefined
}
