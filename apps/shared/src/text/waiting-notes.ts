import type { ChatState, QueuedImage } from '@fal-llm/core'

/** A note that what waits will not be sent by itself; empty while it will. */
export function toPausedNote({ paused, queued }: Pick<ChatState, 'paused' | 'queued'>): string {
  if (!paused || queued.length === 0) return ''
  return queued.length === 1
    ? 'This waits for you: send it now, or it goes before your next message.'
    : 'These wait for you: send one now, or they go before your next message.'
}

/** How many images a waiting message has, and which it lost; empty for one without. */
export function toImagesNote(images: readonly QueuedImage[]): string {
  if (images.length === 0) return ''
  const count = images.length === 1 ? '1 image' : `${images.length} images`
  const gone = images.filter((image) => image.gone).length
  if (gone === 0) return count
  const which = images.length === 1 ? 'its file' : gone === 1 ? 'the file of one' : `${gone} files`
  return `${count}; ${which} ${gone === 1 ? 'is' : 'are'} gone: take this back and attach again`
}
