import type { AnswerPrinter } from './answer-printer.ts'
import { createConversationPrinter } from './print-conversation.ts'
import { createEventPrinter } from './print-events.ts'
import { createPlainPrinter } from './print-plain.ts'
import { createProgress, noProgress } from './progress.ts'
import type { Screen } from './screen.ts'

/** Picks how answers are shown: to a program, in a conversation, or on their own. */
export function pickPrinter(
  screen: Screen,
  { json, isConversation }: { readonly json: boolean; readonly isConversation: boolean },
): AnswerPrinter {
  if (json) return createEventPrinter(screen)
  if (isConversation) return createConversationPrinter(screen, createProgress(screen))
  return createPlainPrinter(screen, screen.isTerminal ? createProgress(screen) : noProgress)
}
