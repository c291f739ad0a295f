// Files go to fal's storage: one PUT up to 90 MiB, parts of 10 MiB above (fal-protocol §7). @fal-ai/client knows the
// steps; the bytes go through our own sender, so that an upload can be aborted, ends by itself and says how far it is.
// A transfer belongs to the file, not to a call: calls join it and leave it, and it is stopped when the last has left.

import { FalLlmError, toFalLlmError } from '../../errors.ts'
import type { FalClientLoader } from './fal-client.ts'
import { isFileData, toBlob } from './file-data.ts'
import type { FileData } from './file-data.ts'
import { abortedBy } from '../../deadline.ts'

/** How far an upload is. */
export interface UploadProgress {
  readonly loadedBytes: number
  readonly totalBytes: number
}

/** Options of one upload. */
export interface UploadOptions {
  /** Ends this call; the transfer goes on while another call waits for it. */
  readonly signal?: AbortSignal | undefined
  /** Hears how far it is at the start and the whole size at the end; between, in a browser often, elsewhere after each part. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
  /** How long fal keeps the file; a number is seconds. Default: fal's own, at least 7 days. */
  readonly lifecycle?:
    | {
        readonly expiresIn: 'never' | 'immediate' | '1h' | '1d' | '7d' | '30d' | '1y' | number
      }
    | undefined
}

/** Sends a file and resolves with its URL. The same file with the same lifecycle is sent once, however often it is asked for. */
export type Upload = (file: FileData, options?: UploadOptions) => Promise<string>

/** Creates the uploader of one client. */
export function createUpload(loadClient: FalClientLoader): Upload {
  const known = new WeakMap<FileData, Map<string, Transfer>>()

  const transferOf = (file: FileData, lifecycle: UploadOptions['lifecycle']): Transfer => {
    const ofFile = known.get(file) ?? new Map<string, Transfer>()
    known.set(file, ofFile)
    const key = JSON.stringify(lifecycle ?? null)
    const before = ofFile.get(key)
    if (before) return before
    const transfer = startTransfer(toBlob(file), lifecycle, loadClient, () => {
      if (ofFile.get(key) === transfer) ofFile.delete(key)
    })
    ofFile.set(key, transfer)
    return transfer
  }
  return async (file, { signal, onProgress, lifecycle } = {}) => {
    if (!isFileData(file)) {
      throw new FalLlmError(
        'invalid-input',
        'upload() takes a Blob, a File, an ArrayBuffer or a view of one such as Uint8Array',
      )
    }
    if (signal?.aborted) throw abortedBy(signal.reason)
    return transferOf(file, lifecycle).join(signal, onProgress)
  }
}

/** One file on its way, or already there. */
interface Transfer {
  /** Resolves with the file's URL; rejects when the signal aborts or the transfer fails. */
  join(signal: AbortSignal | undefined, onProgress: UploadOptions['onProgress']): Promise<string>
}

/** Starts sending. `forget` is called when nothing will come of it: the next call starts anew. */
function startTransfer(
  file: Blob,
  lifecycle: UploadOptions['lifecycle'],
  loadClient: FalClientLoader,
  forget: () => void,
): Transfer {
  const totalBytes = file.size
  const controller = new AbortController()
  const calls = new Set<UploadOptions['onProgress']>()
  let loadedBytes = 0

  const report = (call: UploadOptions['onProgress']): void => {
    try {
      call?.({ loadedBytes, totalBytes })
    } catch (error) {
      // A listener that throws stops nothing but itself.
      console.error(error)
    }
  }
  const advance = (bytes: number): void => {
    loadedBytes = Math.max(0, Math.min(totalBytes, loadedBytes + bytes))
    for (const call of calls) report(call)
  }
  const send = async (): Promise<string> => {
    const client = await loadClient({
      signal: controller.signal,
      onSent: advance,
      // The client would send a part twice more, each of our tries included.
      onFileFailed: (error) => controller.abort(error),
    })
    const url: unknown = await client.storage.upload(file, lifecycle && { lifecycle })
    if (typeof url !== 'string' || !URL.canParse(url)) throw noAddress()
    if (loadedBytes < totalBytes) advance(totalBytes - loadedBytes)
    return url
  }
  const sending = send().catch((thrown: unknown) => {
    forget()
    // What the client throws of its own comes after the failure it is about.
    if (controller.signal.aborted) throw abortedBy(controller.signal.reason)
    throw thrown instanceof FalLlmError ? thrown : noAddress(toFalLlmError(thrown))
  })
  // Every call may have left.
  sending.catch(() => {})

  return {
    join(signal, onProgress) {
      // The same listener may be given twice: each call is its own.
      const call: UploadOptions['onProgress'] = (progress) => onProgress?.(progress)
      calls.add(call)
      report(call)
      return new Promise<string>((resolve, reject) => {
        const leave = (): void => {
          calls.delete(call)
          signal?.removeEventListener('abort', stop)
        }
        const stop = (): void => {
          const reason = abortedBy(signal?.reason)
          leave()
          reject(reason)
          if (calls.size > 0) return
          forget()
          controller.abort(reason)
        }
        signal?.addEventListener('abort', stop, { once: true })
        sending.then(resolve, reject).finally(leave)
      })
    },
  }
}

function noAddress(cause?: FalLlmError): FalLlmError {
  const why = cause ? `: ${cause.message}` : ''
  return new FalLlmError('provider', `fal's storage did not say where the file is${why}`, {
    cause,
    retryable: true,
  })
}
