import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Usage } from '../events.ts'
import type { ChatMessage } from './state.ts'
import { sumUsage } from './session-usage.ts'

function answer(usage: Partial<Usage>, model?: string): ChatMessage {
  return {
    id: 'a',
    role: 'assistant',
    text: 'Hi',
    parts: [{ type: 'text', text: 'Hi' }],
    reasoning: '',
    status: 'done',
    error: undefined,
    createdAt: 0,
    parentId: null,
    branch: { index: 0, count: 1 },
    usage: {
      promptTokens: 1,
      completionTokens: 2,
      totalTokens: 3,
      costUsd: undefined,
      estimated: false,
      ...usage,
    },
    ...(model !== undefined && { model }),
  }
}
const costOf = (...costs: readonly unknown[]): number | undefined =>
  // Whatever a storage held.
  sumUsage(costs.map((costUsd) => answer({ costUsd: costUsd as number }))).costUsd

test('rule 11: the smallest costs are summed exactly', () => {
  expect(costOf(3.75e-8, 1e-7)).toBe(1.375e-7)
  expect(costOf(0.1, 0.2)).toBe(0.3)
  expect(costOf(1e-12, 1_000)).toBe(1000.000000000001)
  expect(costOf(...Array.from({ length: 10_000 }, () => 1e-10))).toBe(1e-6)
  expect(costOf(999.999999999999, 0.000000000001)).toBe(1000)
  expect(costOf(0, 0)).toBe(0)
  expect(costOf()).toBeUndefined()
})

test('rule 11: any costs are summed as whole numbers are', () => {
  const cost = fc.record({
    units: fc.bigInt({ min: 0n, max: 999_999_999_999n }),
    exponent: fc.integer({ min: -20, max: 2 }),
  })
  fc.assert(
    fc.property(fc.array(cost, { minLength: 1, maxLength: 30 }), (costs) => {
      const whole = costs.reduce(
        (sum, { units, exponent }) => sum + units * 10n ** BigInt(exponent + 20),
        0n,
      )
      const summed = costOf(...costs.map(({ units, exponent }) => Number(`${units}e${exponent}`)))
      expect(summed).toBe(Number(`${whole}e-20`))
    }),
  )
})

test('a cost that is no amount is no cost, and no figure becomes NaN', () => {
  expect(costOf(NaN, -1, Infinity, -Infinity, '5', null, {})).toBeUndefined()
  expect(costOf(NaN, 0.5, -0.25)).toBe(0.5)
  const odd = sumUsage([
    answer({ promptTokens: NaN, completionTokens: -5, totalTokens: Infinity }),
    answer({}),
  ])
  expect(odd).toMatchObject({ promptTokens: 1, completionTokens: 2, totalTokens: 3, turns: 2 })
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'a model named %s is a name',
  (model) => {
    const { byModel } = sumUsage([answer({ costUsd: 0.1 }, model), answer({ costUsd: 0.2 }, model)])
    expect(Object.keys(byModel)).toEqual([model])
    expect(Object.getOwnPropertyDescriptor(byModel, model)?.value).toMatchObject({
      promptTokens: 2,
      costUsd: 0.3,
    })
    expect(Object.getPrototypeOf(byModel)).toBe(Object.prototype)
  },
)

test('what was spent is summed over all models, and estimates label the sum', () => {
  const usage = sumUsage([
    answer({ costUsd: 0.1 }, 'a/b'),
    answer({ estimated: true }, 'c/d'),
    answer({ costUsd: 0.2 }),
  ])
  expect(usage).toMatchObject({ costUsd: 0.3, turns: 3, estimatedTurns: 1, estimated: true })
  expect(usage.byModel['c/d']).toMatchObject({ costUsd: undefined, estimated: true })
  expect(usage.byModel['unknown']).toMatchObject({ costUsd: 0.2, estimated: false })
})
