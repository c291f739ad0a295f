import { rank } from '../kept.ts'
import type { Body, Kept } from '../kept.ts'
import type { ChatStorage } from './chat-storage.ts'
import { decodeDataUrl } from './decode-data-url.ts'
import { withPatience } from './calls/patience.ts'
import { wait } from './calls/run-steps.ts'
import type { Steps } from './calls/run-steps.ts'
import { blobKey } from './parts/stored-chat.ts'

/** By the id of its turn: a file for each of its images, undefined where it is gone or not needed. */
export type FilesOfTurns = ReadonlyMap<string, readonly (Blob | undefined)[]>

/** Files that wait for their upload, where the storage takes files. Nothing here throws. */
export interface WaitingFiles {
  keep(messageId: string, files: readonly (Blob | string | undefined)[]): void
  drop(messageId: string, body: Body | undefined): void
  /** Files of the turns that wait in `stored` and are not `known` here. Each turn is looked up once. */
  read(stored: Kept, known: Kept): Steps<FilesOfTurns>
}

/** Keeps the files of one conversation. `fail` hears what could not be saved. */
export function createWaitingFiles(
  { blobs }: ChatStorage,
  chatId: string,
  fail: (cause: unknown) => void,
): WaitingFiles {
  const lookedUp = new Set<string>()

  const attempt = async (call: () => Promise<unknown>): Promise<void> => {
    try {
      await withPatience(call(), 'saved')
    } catch (cause) {
      fail(cause)
    }
  }

  const get = async (key: string): Promise<Blob | undefined> => {
    try {
      return await withPatience(blobs?.get(key), 'read')
    } catch {
      // Its entry says that the file is gone.
      return undefined
    }
  }

  return {
    keep(messageId, files) {
      lookedUp.add(messageId)
      files.forEach((file, index) => {
        const blob = typeof file === 'string' ? decodeDataUrl(file) : file
        const key = blobKey(chatId, messageId, index)
        if (blobs && blob) void attempt(() => blobs.set(key, blob))
      })
    },
    drop(messageId, body) {
      if (!blobs || !body) return
      for (const index of imagesOf(body).keys()) {
        void attempt(() => blobs.remove(blobKey(chatId, messageId, index)))
      }
    },
    *read(stored, known) {
      const found = new Map<string, readonly (Blob | undefined)[]>()
      if (!blobs) return found
      for (const [id, { place, body }] of stored.messages) {
        const images = imagesOf(body)
        const isMissing = images.some(({ url }) => url === '')
        const isKnown = known.messages.has(id) || lookedUp.has(id)
        if (place.rank !== rank.line || !isMissing || isKnown) continue
        lookedUp.add(id)
        const files = images.map(({ url }, index) =>
          url === '' ? get(blobKey(chatId, id, index)) : undefined,
        )
        found.set(id, yield* wait(Promise.all(files)))
      }
      return found
    },
  }
}

function imagesOf(body: Body): readonly { readonly url: string }[] {
  return body.parts.filter((part) => part.type === 'image')
}
