import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import type { LayerFiles } from './plan-files.ts'

// Beside "src", and beside "dist" in the package.
const templates = resolve(import.meta.dirname, '../templates')

/** Reads the files of a layer of templates. */
export function readLayer(layer: string): LayerFiles {
  const folder = join(templates, ...layer.split('/'))
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    files.map((file) => [
      file.slice(folder.length + 1).replaceAll(sep, '/'),
      readFileSync(file, 'utf8'),
    ]),
  )
}
