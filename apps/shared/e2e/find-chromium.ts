import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/**
 * Finds a browser: CHROMIUM_PATH, else one of the usual names on the PATH.
 *
 * @throws Error that says how to get one. Tests without a browser fail; they are not skipped.
 */
export function findChromium(): string {
  const given = process.env['CHROMIUM_PATH']
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = given
    ? [given]
    : names.flatMap((name) => folders.map((folder) => join(folder, name)))
  const found = candidates.find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    given
      ? `CHROMIUM_PATH is "${given}", which is no program.`
      : 'No browser found. Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH to it.',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
