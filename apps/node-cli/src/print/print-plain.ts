import type { AnswerPrinter } from './answer-printer.ts'
import { toPrintable } from './printable.ts'
import type { Progress } from './progress.ts'
import type { Screen } from './screen.ts'
import { sayAsked, showWaiting } from './show-waiting.ts'

/** Prints the answer and nothing else: to a pipe as it is, to a terminal without its control characters. */
export function createPlainPrinter(screen: Screen, progress: Progress): AnswerPrinter {
  const clean = screen.isTerminal ? toPrintable : (text: string) => text
  let written = ''
  return {
    begin: (model) => sayAsked(progress, model),
    hear(event) {
      showWaiting(progress, event)
      if (event.type === 'reset' && written) {
        screen.write('\n')
        screen.note('The model began its answer again; what was printed before does not count.')
        written = ''
      }
      if (event.type !== 'text-delta') return
      progress.clear()
      written = event.delta
      screen.write(clean(event.delta))
    },
    end() {
      progress.clear()
      if (written && !written.endsWith('\n')) screen.write('\n')
    },
  }
}
