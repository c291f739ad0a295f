import type { AnswerPrinter } from './answer-printer.ts'
import type { Screen } from './screen.ts'

/** Prints every event as one line of JSON. */
export function createEventPrinter({ say }: Screen): AnswerPrinter {
  return {
    begin() {},
    hear: (event) => say(JSON.stringify(event)),
    end() {},
  }
}
