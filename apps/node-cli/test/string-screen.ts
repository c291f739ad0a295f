import { createPalette } from '../src/screen.ts'
import type { Screen } from '../src/screen.ts'

/** A screen that remembers what was written on it. */
export interface StringScreen extends Screen {
  readonly stdout: string
  readonly notes: string
}

/** Creates a screen without colours and without a person. */
export function createStringScreen(): StringScreen {
  let stdout = ''
  let notes = ''
  return {
    isTerminal: false,
    palette: createPalette(false),
    stderr: process.stderr,
    write: (text) => void (stdout += text),
    print: (line) => void (stdout += `${line}\n`),
    note: (line) => void (notes += `${line}\n`),
    get stdout() {
      return stdout
    },
    get notes() {
      return notes
    },
  }
}
