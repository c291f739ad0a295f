import type { Usage } from '../../events.ts'
import type { ChatMessage, SessionUsage } from '../state.ts'

/** A decimal number, exactly: `units` times ten to the power of `exponent`. */
interface Decimal {
  readonly units: bigint
  readonly exponent: number
}

interface UsageSum extends Omit<Usage, 'costUsd'> {
  readonly cost: Decimal | undefined
}

const nothing: UsageSum = {
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cost: undefined,
  estimated: false,
}

/**
 * Sums what the answers of a conversation used, every branch included. An estimate in the sum labels the sum.
 * Costs are added as decimals, so exactly at any size; a figure that is negative or not finite counts as none. Never throws.
 */
export function sumUsage(messages: Iterable<ChatMessage>): SessionUsage {
  let turns = 0
  let estimatedTurns = 0
  // A map: a model may be called `constructor`.
  const byModel = new Map<string, UsageSum>()
  for (const { role, usage, model = 'unknown' } of messages) {
    if (!usage || role !== 'assistant') continue
    turns += 1
    if (usage.estimated) estimatedTurns += 1
    byModel.set(model, addUsage(byModel.get(model) ?? nothing, toSum(usage)))
  }
  const total = toUsage([...byModel.values()].reduce(addUsage, nothing))
  const entries = [...byModel].map(([model, sum]) => [model, toUsage(sum)] as const)
  return { ...total, turns, estimatedTurns, byModel: Object.fromEntries(entries) }
}

function addUsage(left: UsageSum, right: UsageSum): UsageSum {
  return {
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    totalTokens: left.totalTokens + right.totalTokens,
    cost: left.cost && right.cost ? addDecimals(left.cost, right.cost) : (left.cost ?? right.cost),
    estimated: left.estimated || right.estimated,
  }
}

function toSum({
  promptTokens,
  completionTokens,
  totalTokens,
  costUsd,
  estimated,
}: Usage): UsageSum {
  return {
    promptTokens: isAmount(promptTokens) ? promptTokens : 0,
    completionTokens: isAmount(completionTokens) ? completionTokens : 0,
    totalTokens: isAmount(totalTokens) ? totalTokens : 0,
    cost: isAmount(costUsd) ? toDecimal(costUsd) : undefined,
    estimated,
  }
}

function toUsage({ cost, ...sum }: UsageSum): Usage {
  return { ...sum, costUsd: cost && Number(`${cost.units}e${cost.exponent}`) }
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity
}

function toDecimal(value: number): Decimal {
  // The short way, for a conversation has thousands: up to fifteen digits a number stands for one decimal only.
  const trillionths = Math.round(value * 1e12)
  if (trillionths < 1e15 && trillionths / 1e12 === value) {
    return { units: BigInt(trillionths), exponent: -12 }
  }
  const [digits = '', power = 0] = String(value).split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  return { units: BigInt(whole + fraction), exponent: Number(power) - fraction.length }
}

function addDecimals(left: Decimal, right: Decimal): Decimal {
  if (left.exponent < right.exponent) return addDecimals(right, left)
  const zeros = left.exponent - right.exponent
  const units = zeros === 0 ? left.units : left.units * 10n ** BigInt(zeros)
  return { units: units + right.units, exponent: right.exponent }
}
