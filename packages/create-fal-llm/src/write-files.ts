import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findObstacle } from './obstacle.ts'
import { Refusal } from './refusal.ts'

/**
 * Makes sure that an app may be written into a folder, there or not.
 *
 * @throws Refusal for one that holds something, and for a file.
 */
export function checkFolder(folder: string): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) {
    throw new Refusal(`${folder} is a file. Choose another name.`)
  }
  const obstacle = findObstacle(readdirSync(folder))
  if (obstacle === undefined) return
  throw new Refusal(`${folder} is not empty: it holds ${obstacle}. Choose another name.`)
}

/** Writes planned files below a folder. One that is there is never written over. */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const file = join(folder, ...path.split('/'))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { flag: 'wx' })
  }
}
