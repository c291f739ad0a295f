import type { Usage } from '../events.ts'

/** Tokens of a text at about four characters each, for when fal reports none. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** A usage made of estimates, labelled as such; the cost stays unknown. */
export function estimateUsage(promptTokens: number, answer: string): Usage {
  const completionTokens = estimateTokens(answer)
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    costUsd: undefined,
    estimated: true,
  }
}
