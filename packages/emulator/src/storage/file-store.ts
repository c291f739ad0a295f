// Keeps the files of an emulator in memory, up to a limit.

import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { refusal } from '../http/refusal.ts'

/** Who may read a file without a key. */
export type FileAccess = 'allow' | 'hide' | 'forbid'

/** A file as it is announced, before its bytes arrive. */
export interface FileDraft {
  readonly id: string
  readonly name: string
  readonly contentType: string
  /** undefined: kept as long as the emulator. */
  readonly lifetimeSeconds: number | undefined
  readonly access: FileAccess
}

/** An announced file. It can be read when it has bytes. */
export interface StoredFile extends FileDraft {
  bytes: Uint8Array | undefined
  readonly parts: Map<number, { readonly etag: string; readonly bytes: Uint8Array }>
  readonly expiresAt: number
}

/** Keeps files. */
export interface FileStore {
  /** How many bytes are kept, parts of unfinished uploads included. */
  readonly storedBytes: number
  readonly maxBytes: number
  /**
   * Announces a file.
   *
   * @throws 429 when there are too many.
   */
  announce(draft: FileDraft): StoredFile
  /** Finds a file that has not expired. */
  find(id: string): StoredFile | undefined
  /**
   * Gives a file its bytes, whole. Returns their ETag.
   *
   * @throws 413 when there is no room.
   */
  put(file: StoredFile, bytes: Uint8Array): string
  /**
   * Keeps a part of a file; the same number again replaces it. Returns its ETag.
   *
   * @throws 413 when there is no room.
   */
  putPart(file: StoredFile, number: number, bytes: Uint8Array): string
  /** Puts the parts together, in the order of the list. False when one of them is missing or has another ETag. */
  complete(file: StoredFile, parts: readonly FilePart[]): boolean
}

/** A part as the client names it at the end. */
export interface FilePart {
  readonly number: number
  readonly etag: string
}

const maxFiles = 10_000

/** Creates a store of at most `maxBytes`. */
export function createFileStore(clock: Clock, maxBytes: number): FileStore {
  const files = new Map<string, StoredFile>()
  let storedBytes = 0

  const take = (bytes: number): void => {
    if (storedBytes + bytes > maxBytes) forgetExpired()
    if (storedBytes + bytes > maxBytes) {
      throw refusal(413, `The emulator's storage is full: it keeps at most ${maxBytes} bytes`)
    }
    storedBytes += bytes
  }
  const forgetExpired = (): void => {
    for (const file of files.values()) {
      if (file.expiresAt > clock.now()) continue
      files.delete(file.id)
      storedBytes -= sizeOf(file)
    }
  }
  return {
    maxBytes,
    get storedBytes() {
      return storedBytes
    },
    announce(draft) {
      if (files.size >= maxFiles) forgetExpired()
      if (files.size >= maxFiles) {
        throw refusal(429, `The emulator's storage is full: it keeps at most ${maxFiles} files`)
      }
      const lifetimeMs = (draft.lifetimeSeconds ?? Infinity) * 1000
      const expiresAt = clock.now() + lifetimeMs
      const file: StoredFile = { ...draft, bytes: undefined, parts: new Map(), expiresAt }
      files.set(file.id, file)
      return file
    },
    find(id) {
      const file = files.get(id)
      return file && file.expiresAt > clock.now() ? file : undefined
    },
    put(file, bytes) {
      take(bytes.byteLength - (file.bytes?.byteLength ?? 0))
      file.bytes = bytes
      return toEtag(bytes)
    },
    putPart(file, number, bytes) {
      take(bytes.byteLength - (file.parts.get(number)?.bytes.byteLength ?? 0))
      const etag = toEtag(bytes)
      file.parts.set(number, { etag, bytes })
      return etag
    },
    complete(file, parts) {
      const found = parts.map(({ number, etag }) => {
        const part = file.parts.get(number)
        return part && unquote(part.etag) === unquote(etag) ? part.bytes : undefined
      })
      const whole = found.filter((bytes) => bytes !== undefined)
      if (whole.length === 0 || whole.length < found.length) return false
      const before = sizeOf(file)
      file.bytes = new Uint8Array(Buffer.concat(whole))
      file.parts.clear()
      storedBytes += sizeOf(file) - before
      return true
    },
  }
}

function sizeOf({ bytes, parts }: StoredFile): number {
  const ofParts = [...parts.values()].reduce((sum, part) => sum + part.bytes.byteLength, 0)
  return (bytes?.byteLength ?? 0) + ofParts
}

function toEtag(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}

function unquote(etag: string): string {
  return etag.replaceAll('"', '')
}
