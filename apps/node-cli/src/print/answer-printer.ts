import type { ChatMessage, GenerationEvent } from '@fal-llm/core'

/** Shows one answer while it comes. */
export interface AnswerPrinter {
  /** Something is asked of a model. */
  begin(model: string): void
  hear(event: GenerationEvent): void
  /** The answer has ended, one way or another; undefined: there was nothing to answer. */
  end(message: ChatMessage | undefined): void
}
