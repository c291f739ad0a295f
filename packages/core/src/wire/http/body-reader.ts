import type { Deadline } from '../../deadline.ts'

/** Reads a body piece by piece. */
export type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>

/**
 * Opens the body of a response. React Native's own `fetch` has no `body`: there the whole answer comes in one piece, at
 * its end; `fetch` from `expo/fetch` streams.
 */
export function openBody(response: Response, deadline: Deadline): BodyReader {
  if (response.body) return response.body.getReader()
  let isRead = false
  return {
    async read() {
      if (isRead) return { done: true, value: undefined }
      isRead = true
      const text = await deadline.race(response.text())
      return { done: false, value: new TextEncoder().encode(text) }
    },
    cancel: () => Promise.resolve(),
  }
}
