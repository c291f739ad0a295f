import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Driver } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs-lite'
import { writeAtomically } from './write-atomically.ts'

/**
 * Creates unstorage's file driver for a folder, with two things mended: its write empties the file first, so a process
 * killed then would leave nothing; and its read gives out an error as if it were the content.
 */
export function createFileDriver(folder: string): Driver {
  const pathOf = (key: string): string => join(folder, ...key.split(':'))
  return {
    ...fsDriver({ base: folder }),
    getItem: (key) => readFile(pathOf(key), 'utf8').catch(nullWhereNothingIs),
    setItem: (key, value) => writeAtomically(pathOf(key), value),
  }
}

function nullWhereNothingIs(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return null
  throw error
}
