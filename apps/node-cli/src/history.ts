import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ChatStorage } from '@fal-llm/core'

/** Conversations on disk. */
export interface History {
  /** A file for each key; its colons separate folders. */
  readonly storage: ChatStorage
  /** Resolves when everything is written. */
  settled(): Promise<void>
}

/** Opens the conversations in a folder, which is made with the first one that is kept. */
export function openHistory(folder: string): History {
  const pathOf = (key: string): string => join(folder, ...key.split(':').map(toFileName))
  const pending = new Set<Promise<void>>()
  const track = (write: Promise<void>): Promise<void> => {
    pending.add(write)
    const forget = (): void => void pending.delete(write)
    write.then(forget, forget)
    return write
  }
  return {
    storage: {
      getItem: (key) => readFile(pathOf(key), 'utf8').catch(nullWhereMissing),
      setItem: (key, value) => track(writeAtomically(pathOf(key), value)),
      removeItem: (key) => track(rm(pathOf(key), { force: true })),
    },
    async settled() {
      do {
        await Promise.allSettled(pending)
        // What waited for a write may begin the next one now.
        await setImmediate()
      } while (pending.size > 0)
    },
  }
}

/**
 * Where conversations are kept when no folder is named: `fal-chat` in XDG_DATA_HOME, else in ~/.local/share.
 *
 * @source XDG Base Directory Specification 0.8: a relative XDG_DATA_HOME does not count
 */
export function defaultDataFolder(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const configured = environment['XDG_DATA_HOME'] ?? ''
  const data = isAbsolute(configured) ? configured : join(homedir(), '.local', 'share')
  return join(data, 'fal-chat')
}

/** A part of a key as a file name, which cannot lead out of its folder. */
function toFileName(part: string): string {
  return encodeURIComponent(part).replaceAll('.', '%2E')
}

/** Whenever the process dies, the file holds the old content or the new one. Only its owner can read it. */
async function writeAtomically(path: string, content: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.draft`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  try {
    await writeFile(draft, content, { mode: 0o600 })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

function nullWhereMissing(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return null
  throw error
}
