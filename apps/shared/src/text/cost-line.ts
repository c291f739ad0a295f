import type { SessionUsage } from '@fal-llm/core'
import { formatCost, formatCount } from './format.ts'

/** What a conversation has used. */
export interface CostLine {
  /** "$0.0123 · 1,204 tokens", or "$0.0123 · ≈ 1,204 tokens, 1 of 3 answers estimated". */
  readonly text: string
  /** Where the figures come from, for `title`. */
  readonly reason: string
  readonly estimated: boolean
}

/** Sums a conversation in a line; undefined before its first answer. */
export function toCostLine({
  turns,
  estimatedTurns,
  totalTokens,
  costUsd,
}: SessionUsage): CostLine | undefined {
  if (turns === 0) return undefined
  const estimated = estimatedTurns > 0
  const tokens = `${formatCount(totalTokens)} ${totalTokens === 1 ? 'token' : 'tokens'}`
  const sum = [
    ...(costUsd === undefined ? [] : [formatCost(costUsd)]),
    estimated ? `≈ ${tokens}` : tokens,
  ].join(' · ')
  const answers = turns === 1 ? '1 answer' : `${formatCount(turns)} answers`
  if (!estimated) {
    const reason = `${answers}, other versions included, as reported by fal.`
    return { text: sum, reason, estimated }
  }
  const some = estimatedTurns < turns ? `${formatCount(estimatedTurns)} of ${answers} ` : ''
  const price = costUsd === undefined ? '' : ' The price is that of the others, as reported.'
  return {
    text: `${sum}, ${some}estimated`,
    reason: `${answers}, other versions included. Where fal reports no usage the tokens are counted here, by a rule of thumb.${price}`,
    estimated,
  }
}
