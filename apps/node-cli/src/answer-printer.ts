import type { ChatMessage, GenerationEvent } from '@fal-llm/core'

/** Shows one answer while it comes. */
export interface AnswerPrinter {
  hear(event: GenerationEvent): void
  /** The answer has ended, one way or another. */
  end(message: ChatMessage): void
}
