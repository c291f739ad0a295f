import ora from 'ora'
import type { Screen } from './screen.ts'

/** One line that says what is being waited for. */
export interface Progress {
  /** Shows the line, or changes what it says. */
  say(text: string): void
  /** A line that stays, above the one that changes. */
  log(line: string): void
  /** Takes the line away. */
  clear(): void
}

/** Creates the line: with a spinner on a terminal; elsewhere each change is a line on stderr. */
export function createProgress(screen: Screen): Progress {
  return screen.isTerminal ? createSpinner(screen) : createNotes(screen)
}

/** Says nothing at all: for pipes, whose stderr is for errors. */
export const noProgress: Progress = { say() {}, log() {}, clear() {} }

function createSpinner({ stderr, note, palette }: Screen): Progress {
  // The terminal stays as it is: Ctrl-C must reach us, and what is typed meanwhile is the next line.
  const spinner = ora({ stream: stderr, discardStdin: false })
  // ora wipes the current line even when it does not spin.
  const clear = (): void => {
    if (spinner.isSpinning) spinner.stop()
  }
  return {
    say(text) {
      spinner.text = palette.dim(text)
      if (!spinner.isSpinning) spinner.start()
    },
    log(line) {
      const wasSpinning = spinner.isSpinning
      clear()
      note(palette.dim(line))
      if (wasSpinning) spinner.start()
    },
    clear,
  }
}

function createNotes({ note }: Screen): Progress {
  let last: string | undefined
  return {
    say(text) {
      if (text !== last) note(text)
      last = text
    },
    log: note,
    clear() {
      last = undefined
    },
  }
}
