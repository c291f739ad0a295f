import type { Usage } from '../events.ts'
import type { SessionUsage } from './state.ts'
import { isAmount } from '../json.ts'

/** What one message used. */
export interface Spending {
  readonly role: 'system' | 'user' | 'assistant'
  readonly usage?: Usage | undefined
  readonly model?: string | undefined
}

/** A decimal number, exactly: units, and the power of ten of one of them. */
type Decimal = readonly [units: bigint, exponent: number]

/** What is summed of one model. */
type UsageSum = { -readonly [Field in keyof Usage]: Usage[Field] } & { cost: Decimal | undefined }

/**
 * Sums what the answers of a conversation used, every branch included. An estimate in the sum labels the sum.
 * Costs are added as decimals, so exactly at any size; a figure that is negative or not finite counts as none. Never throws.
 */
export function sumUsage(messages: Iterable<Spending>): SessionUsage {
  let turns = 0
  let estimatedTurns = 0
  const total = nothing()
  // A map: a model may be called `constructor`.
  const byModel = new Map<string, UsageSum>()
  for (const { role, usage, model = 'unknown' } of messages) {
    if (!usage || role !== 'assistant') continue
    turns += 1
    if (usage.estimated) estimatedTurns += 1
    const sum = byModel.get(model) ?? nothing()
    byModel.set(model, sum)
    const cost = isAmount(usage.costUsd) ? toDecimal(usage.costUsd) : undefined
    addUsage(sum, usage, cost)
    addUsage(total, usage, cost)
  }
  const entries = [...byModel].map(([model, sum]) => [model, toUsage(sum)] as const)
  return { ...toUsage(total), turns, estimatedTurns, byModel: Object.fromEntries(entries) }
}

function nothing(): UsageSum {
  return {
    promptTokens: 0,
    completionTokens: 0,
    totalTokens: 0,
    costUsd: undefined,
    estimated: false,
    cost: undefined,
  }
}

function addUsage(sum: UsageSum, usage: Usage, cost: Decimal | undefined): void {
  for (const field of ['promptTokens', 'completionTokens', 'totalTokens'] as const) {
    if (isAmount(usage[field])) sum[field] += usage[field]
  }
  sum.estimated ||= usage.estimated
  if (cost) sum.cost = sum.cost ? addDecimals(sum.cost, cost) : cost
}

function toUsage({ cost, ...sum }: UsageSum): Usage {
  return { ...sum, costUsd: cost && Number(cost.join('e')) }
}

function toDecimal(value: number): Decimal {
  // The short way, for a conversation has thousands: up to fifteen digits a number stands for one decimal only.
  const trillionths = Math.round(value * 1e12)
  if (trillionths < 1e15 && trillionths / 1e12 === value) return [BigInt(trillionths), -12]
  const [digits = '', power = 0] = String(value).split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  return [BigInt(whole + fraction), Number(power) - fraction.length]
}

function addDecimals(left: Decimal, right: Decimal): Decimal {
  const zeros = left[1] - right[1]
  if (zeros < 0) return addDecimals(right, left)
  return [(zeros ? left[0] * 10n ** BigInt(zeros) : left[0]) + right[0], right[1]]
}
