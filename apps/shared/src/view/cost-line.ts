import type { SessionUsage } from '@fal-llm/core'
import { formatCost } from '../format/format-cost.ts'
import { formatCount } from '../format/format-count.ts'

/** What a conversation has used. */
export interface CostLine {
  /** "$0.0123 · 1,204 tokens", or "≈ 1,204 tokens, estimated". */
  readonly text: string
  /** Where the figures come from, for `title`. */
  readonly reason: string
  readonly estimated: boolean
}

/** Sums a conversation in a line; undefined before its first answer. Never throws. */
export function toCostLine({
  turns,
  totalTokens,
  costUsd,
  estimated,
}: SessionUsage): CostLine | undefined {
  if (turns === 0) return undefined
  const tokens = `${formatCount(totalTokens)} ${totalTokens === 1 ? 'token' : 'tokens'}`
  const sum = costUsd === undefined ? tokens : `${formatCost(costUsd)} · ${tokens}`
  const answers = turns === 1 ? '1 answer' : `${formatCount(turns)} answers`
  return estimated
    ? {
        text: `≈ ${sum}, estimated`,
        reason: `${answers}, other versions included. For some of it fal reports no usage: those tokens are counted here, by a rule of thumb.`,
        estimated,
      }
    : { text: sum, reason: `${answers}, other versions included, as reported by fal.`, estimated }
}
