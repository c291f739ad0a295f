import { estimateTokens } from '../../generate/estimate-usage.ts'

/** Estimates tokens of texts, better with each answer whose usage fal reported. */
export interface TokenEstimator {
  estimate(text: string, model: string | undefined): number
  /** Takes what a prompt of this text was counted as. */
  learn(text: string, model: string | undefined, reportedTokens: number): void
}

/** A report this far from four characters per token says something about images or hidden prompts, not about text. */
const plausible = { atLeast: 0.25, atMost: 4 }
/** How much the newest report counts. */
const weight = 0.3
/** Below this many characters the fixed part of a prompt outweighs its text. */
const shortText = 200

/** Starts with about four characters per token for every model. */
export function createTokenEstimator(): TokenEstimator {
  const factors = new Map<string, number>()

  return {
    estimate(text, model = '') {
      return Math.ceil(estimateTokens(text) * (factors.get(model) ?? 1))
    },
    learn(text, model = '', reportedTokens) {
      if (text.length < shortText) return
      const factor = reportedTokens / estimateTokens(text)
      if (!(factor >= plausible.atLeast && factor <= plausible.atMost)) return
      const before = factors.get(model) ?? factor
      factors.set(model, before + weight * (factor - before))
    },
  }
}
