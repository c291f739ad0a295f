import type { ChatMessage } from '@fal-llm/core'
import { formatCost, formatSeconds, formatTokenRate } from './format.ts'
import { toModelName } from './model-groups.ts'

/** A thing to know about an answer. */
export interface AnswerFact {
  readonly name: 'Model' | 'Time to first token' | 'Speed' | 'Cost'
  readonly value: string
  /** Estimated here, not reported by fal. */
  readonly estimated: boolean
}

/** What is known about an answer, in the order it is shown; what is unknown is left out. */
export function toAnswerFacts(message: ChatMessage): readonly AnswerFact[] {
  const { model, timing, usage } = message
  const facts: AnswerFact[] = []
  const add = (name: AnswerFact['name'], value: string, estimated = false) =>
    facts.push({ name, value: estimated ? `≈ ${value}` : value, estimated })
  if (model !== undefined) add('Model', toModelName(model))
  if (timing?.firstTokenMs !== undefined)
    add('Time to first token', formatSeconds(timing.firstTokenMs))
  if (timing?.tokensPerSecond !== undefined) {
    add('Speed', formatTokenRate(timing.tokensPerSecond), usage?.estimated === true)
  }
  if (usage?.costUsd !== undefined) add('Cost', formatCost(usage.costUsd), usage.estimated)
  return facts
}
