import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

/** Where text goes: what was asked for to stdout, what is said about it to stderr. */
export interface Screen {
  /** Whether a person reads stdout. Without one: no colour, no spinner. */
  readonly isTerminal: boolean
  readonly palette: Palette
  readonly stderr: NodeJS.WritableStream
  /** Writes to stdout as it is. */
  write(text: string): void
  /** Writes a line to stdout. */
  print(line: string): void
  /** Writes a line to stderr. */
  note(line: string): void
}

/** Colours, or none. */
export type Palette = Readonly<
  Record<'dim' | 'bold' | 'accent' | 'alarm', (text: string) => string>
>

/** The two streams of a screen. */
export interface ScreenStreams {
  readonly stdout: NodeJS.WritableStream &
    Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>
  readonly stderr: NodeJS.WritableStream
}

/** Creates a screen. It respects NO_COLOR and a terminal without colours. */
export function createScreen({ stdout, stderr }: ScreenStreams): Screen {
  // Spinners count lines by the width, and in some containers a terminal has none.
  const isTerminal = stdout.isTTY === true && (stdout.columns ?? 0) > 0
  return {
    isTerminal,
    palette: createPalette(isTerminal && stdout.hasColors?.() === true),
    stderr,
    write: (text) => void stdout.write(text),
    print: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
  }
}

/** Creates the colours of a screen; without `isEnabled` every text stays as it is. */
export function createPalette(isEnabled: boolean): Palette {
  // The caller has decided about colours: styleText must not ask stdout again.
  const style = (name: Parameters<typeof styleText>[0]) => (text: string) =>
    isEnabled ? styleText(name, text, { validateStream: false }) : text
  return { dim: style('dim'), bold: style('bold'), accent: style('cyan'), alarm: style('red') }
}

/** The first of Unicode's visible signs for control characters, in the order of the characters themselves. */
const firstControlSign = 0x2400

/**
 * Makes a text safe to show on a terminal: line ends and tabs stay, every other control character becomes a visible sign.
 * Otherwise an answer could move the cursor, rename the window or fill the clipboard. It works character by character, so
 * a text may come in pieces.
 */
export function toPrintable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => {
    if (control === '\n' || control === '\t') return control
    if (control === '\r') return ''
    const code = control.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(firstControlSign + code) : '\uFFFD'
  })
}
