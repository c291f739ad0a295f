import { readFile, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { UsageError } from './usage-error.ts'

const mediaTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
}

/** The largest file that is read, bytes. */
const maxImageBytes = 50 * 1024 * 1024

/**
 * Finds the image that a path or a URL names: a URL stays as it is, a file is read.
 *
 * @throws UsageError when there is none.
 */
export async function findImage(named: string): Promise<string | File> {
  if (/^(https?:|data:image\/)/i.test(named)) return named
  const type = mediaTypes[extname(named).toLowerCase()]
  if (type === undefined) {
    const known = Object.keys(mediaTypes).join(', ')
    throw new UsageError(`"${named}" is neither an address nor an image file (${known}).`)
  }
  try {
    if ((await stat(named)).size <= maxImageBytes) {
      return new File([await readFile(named)], basename(named), { type })
    }
  } catch (error) {
    throw new UsageError(`"${named}" cannot be read: ${explain(error)}.`)
  }
  throw new UsageError(`"${named}" is larger than 50 MiB.`)
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (error instanceof Error ? error.message : String(error))
}
