// Files go to fal's storage: one PUT up to 90 MiB, parts of 10 MiB above (fal-protocol §7). @fal-ai/client knows the
// steps; the bytes go through our own sender, so that an upload can be aborted and says how far it is.

import { FalLlmError } from '../errors.ts'
import type { FalClientLoader } from './fal-client.ts'

/** How far an upload is. */
export interface UploadProgress {
  readonly loadedBytes: number
  readonly totalBytes: number
}

/** Options of one upload. */
export interface UploadOptions {
  readonly signal?: AbortSignal
  /** Hears 0 at the start and the whole size at the end; between, in a browser often, elsewhere after each part. */
  readonly onProgress?: (progress: UploadProgress) => void
  /** How long fal keeps the file; a number is seconds. Default: fal's own, at least 7 days. */
  readonly lifecycle?: {
    readonly expiresIn: 'never' | 'immediate' | '1h' | '1d' | '7d' | '30d' | '1y' | number
  }
}

/** Sends a file and resolves with its URL. The same Blob is sent once, however often it is asked for. */
export type Upload = (file: Blob, options?: UploadOptions) => Promise<string>

/** Creates the uploader of one client. */
export function createUpload(loadClient: FalClientLoader): Upload {
  const known = new WeakMap<Blob, Promise<string>>()

  const send = async (file: Blob, options: UploadOptions): Promise<string> => {
    const { signal, onProgress, lifecycle } = options
    if (signal?.aborted) throw new FalLlmError('aborted', 'The upload was stopped')
    const totalBytes = file.size
    let loadedBytes = 0
    onProgress?.({ loadedBytes, totalBytes })
    const client = await loadClient({
      signal,
      onSent(bytes) {
        loadedBytes = Math.min(totalBytes, loadedBytes + bytes)
        onProgress?.({ loadedBytes, totalBytes })
      },
    })
    return client.storage.upload(file, lifecycle && { lifecycle })
  }
  return async (file, options = {}) => {
    if (!(file instanceof Blob)) {
      throw new FalLlmError('invalid-input', 'upload() takes a Blob or a File')
    }
    const before = known.get(file)
    if (before) return before
    const sending = send(file, options)
    known.set(file, sending)
    sending.catch(() => known.delete(file))
    return sending
  }
}
