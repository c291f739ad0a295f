import type { WriteStream } from 'node:tty'
import { createPalette } from './palette.ts'
import type { Palette } from './palette.ts'

/** Where words go: what was asked for to stdout, what is said about it to stderr. */
export interface Screen {
  /** Whether a person looks at stdout. Without one: no colour, no spinner. */
  readonly isTerminal: boolean
  readonly palette: Palette
  readonly stderr: NodeJS.WritableStream
  /** Writes to stdout as it is. */
  write(text: string): void
  /** A line on stdout. */
  say(line: string): void
  /** A line on stderr. */
  note(line: string): void
}

/** The two streams a screen is made of. */
export interface ScreenStreams {
  readonly stdout: NodeJS.WritableStream &
    Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>
  readonly stderr: NodeJS.WritableStream
}

/** Creates a screen. NO_COLOR and a terminal without colours are respected. */
export function createScreen({ stdout, stderr }: ScreenStreams): Screen {
  // A terminal without a width (in some containers) is no place to draw: spinners would count lines to infinity.
  const isTerminal = stdout.isTTY === true && (stdout.columns ?? 0) > 0
  return {
    isTerminal,
    palette: createPalette(isTerminal && stdout.hasColors?.() === true),
    stderr,
    write: (text) => void stdout.write(text),
    say: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
  }
}
