import { readFile, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { Misuse } from './misuse.ts'

/** An image someone named: on the web, or a file that has to be sent first. */
export type FoundImage = { readonly url: string } | { readonly file: File }

const mediaTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
}

/** The largest file that is read, bytes. */
const maxImageBytes = 50 * 1024 * 1024

/**
 * Finds the image behind a path or an address.
 *
 * @throws Misuse with a sentence when there is none.
 */
export async function findImage(named: string): Promise<FoundImage> {
  if (/^(https?:|data:image\/)/i.test(named)) return { url: named }
  const mediaType = mediaTypes[extname(named).toLowerCase()]
  if (mediaType === undefined) {
    const known = Object.keys(mediaTypes).join(', ')
    throw new Misuse(`"${named}" is neither an address nor an image file (${known}).`)
  }
  const cannotRead = (error: unknown): never => {
    throw new Misuse(`"${named}" cannot be read: ${explain(error)}.`)
  }
  const { size } = await stat(named).catch(cannotRead)
  if (size > maxImageBytes) throw new Misuse(`"${named}" is larger than 50 MiB.`)
  const bytes = await readFile(named).catch(cannotRead)
  return { file: new File([bytes], basename(named), { type: mediaType }) }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES') return 'it may not be read'
  return error instanceof Error ? error.message : String(error)
}
