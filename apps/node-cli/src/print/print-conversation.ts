import type { GenerationEvent } from '@fal-llm/core'
import type { AnswerPrinter } from './answer-printer.ts'
import { describeAnswer } from './describe-answer.ts'
import { toPrintable } from './printable.ts'
import type { Progress } from './progress.ts'
import type { Screen } from './screen.ts'
import { sayAsked, showWaiting } from './show-waiting.ts'

type Voice = 'reasoning' | 'answer'

/** Prints an answer as a person reads it: what is waited for, the reasoning dimmed, the words, and how it ended. */
export function createConversationPrinter(screen: Screen, progress: Progress): AnswerPrinter {
  const { palette } = screen
  let voice: Voice | undefined
  let written = ''

  const speak = (next: Voice, delta: string): void => {
    progress.clear()
    if (voice !== undefined && voice !== next) screen.write('\n\n')
    voice = next
    written = delta
    const text = toPrintable(delta)
    screen.write(next === 'reasoning' ? palette.dim(text) : text)
  }
  const endLine = (): void => {
    progress.clear()
    if (written && !written.endsWith('\n')) screen.write('\n')
    written = ''
  }
  const hear = (event: GenerationEvent): void => {
    showWaiting(progress, event)
    if (event.type === 'text-delta') speak('answer', event.delta)
    if (event.type === 'reasoning-delta') speak('reasoning', event.delta)
    if (event.type === 'reset' && voice !== undefined) {
      endLine()
      voice = undefined
      screen.note(palette.dim('The model began its answer again; what is above does not count.'))
    }
  }
  return {
    begin: (model) => sayAsked(progress, model),
    hear,
    end(message) {
      endLine()
      voice = undefined
      const lines = message ? describeAnswer(message, palette) : []
      for (const line of lines) screen.note(line)
    },
  }
}
