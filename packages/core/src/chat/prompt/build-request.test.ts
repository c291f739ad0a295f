import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { endpoints } from '../../endpoints/index.ts'
import { createRequestBuilder } from './build-request.ts'
import type { RequestPlan } from './build-request.ts'
import { selectTurns } from './select-turns.ts'
import type { ChatMessage } from '../state.ts'
import { createTokenEstimator } from './token-estimator.ts'

function turn(id: string, role: ChatMessage['role'], text: string): ChatMessage {
  return {
    id,
    role,
    text,
    parts: [{ type: 'text', text }],
    reasoning: '',
    status: 'done',
    error: undefined,
    createdAt: 0,
    parentId: null,
    branch: { index: 0, count: 1 },
  }
}
function plan(fields: Partial<RequestPlan> = {}): RequestPlan {
  return {
    endpoint: endpoints['openrouter/router'],
    model: 'a/b',
    system: undefined,
    memory: undefined,
    ...fields,
  }
}
const talk = [
  turn('1', 'user', 'x'.repeat(400)),
  turn('2', 'assistant', 'y'.repeat(400)),
  turn('3', 'user', 'z'.repeat(400)),
  turn('4', 'assistant', 'w'.repeat(400)),
  turn('5', 'user', 'and now?'),
]

test('an endpoint that takes messages gets messages, with the pictures where they were sent', async () => {
  const seen: ChatMessage = {
    ...turn('1', 'user', 'What is it?'),
    parts: [
      { type: 'image', url: 'https://x/y.png' },
      { type: 'text', text: 'What is it?' },
    ],
  }
  const path = [seen, turn('2', 'assistant', 'A cat'), turn('3', 'user', 'And its name?')]
  const endpoint = endpoints['openrouter/router/openai/v1/chat/completions']
  const { request, context } = await createRequestBuilder().build(
    path,
    plan({ endpoint, system: 'Be brief' }),
  )
  expect(request).toEqual({
    system: 'Be brief',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image', url: 'https://x/y.png' },
        ],
      },
      { role: 'assistant', content: 'A cat' },
      { role: 'user', content: 'And its name?' },
    ],
  })
  expect(context.strategy).toBe('messages')
})

test('rule 9: what does not fit the budget is left out from the oldest on, and named', async () => {
  const { request, context } = await createRequestBuilder().build(
    talk,
    plan({ memory: { maxTokens: 250, reserveTokens: 0 } }),
  )
  expect(context).toMatchObject({ includedIds: ['3', '4', '5'], droppedIds: ['1', '2'] })
  expect(request.prompt).not.toContain('x')
  expect(request.prompt).toContain('z'.repeat(400))
})

test('pins are sent however old, the newest turn however long, and false sends everything', async () => {
  const pin = (message: ChatMessage): boolean => message.id === '1'
  const small = { maxTokens: 120, reserveTokens: 0 }
  const pinned = await createRequestBuilder().build(talk, plan({ memory: { ...small, pin } }))
  expect(pinned.context.includedIds).toEqual(['1', '5'])
  const nothing = await createRequestBuilder().build(talk, plan({ memory: { maxTokens: 0 } }))
  expect(nothing.context.includedIds).toEqual(['5'])
  const everything = await createRequestBuilder().build(talk, plan({ memory: false }))
  expect(everything.context.droppedIds).toEqual([])
})

test('a summary of what was left out goes before the history; one that fails does not', async () => {
  const memory = { maxTokens: 250, reserveTokens: 0, summarize: async () => 'they spoke of x' }
  expect((await createRequestBuilder().build(talk, plan({ memory }))).request.system).toContain(
    'they spoke of x',
  )
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
  const failing = { ...memory, summarize: () => Promise.reject(new Error('no')) }
  expect(
    (await createRequestBuilder().build(talk, plan({ memory: failing }))).request.prompt,
  ).toContain('and now?')
  expect(complaints).toHaveBeenCalledOnce()
  complaints.mockRestore()
})

test('whatever the budget, the newest turn is sent and every turn is accounted for', () => {
  const turns = fc.array(fc.nat(50), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(turns, fc.nat(300), fc.nat(5), (lengths, maxTokens, pinEvery) => {
      const path = lengths.map((length, index) =>
        turn(String(index), index % 2 ? 'assistant' : 'user', 'x'.repeat(length)),
      )
      const pin = (message: ChatMessage): boolean =>
        pinEvery > 0 && Number(message.id) % pinEvery === 0
      const { included, dropped } = selectTurns(
        path,
        { maxTokens, reserveTokens: 0, pin },
        ({ text }) => text.length,
      )
      expect(included).toContain(path.at(-1))
      expect(path.filter(pin).every((message) => included.includes(message))).toBe(true)
      expect([...included, ...dropped].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(path)
      const free = included.filter((message) => !pin(message) && message !== path.at(-1))
      const total = included.reduce((sum, { text }) => sum + text.length, 0)
      if (free.length > 0) expect(total).toBeLessThanOrEqual(maxTokens)
    }),
  )
})

test('the estimate learns from what fal reports, per model', () => {
  const estimator = createTokenEstimator()
  const text = 'a'.repeat(4_000)
  expect(estimator.estimate(text, 'a/b')).toBe(1_000)
  estimator.learn(text, 'a/b', 2_000)
  expect(estimator.estimate(text, 'a/b')).toBe(2_000)
  estimator.learn(text, 'a/b', 1_000)
  expect(estimator.estimate(text, 'a/b')).toBe(1_700)
  expect(estimator.estimate(text, 'c/d')).toBe(1_000)
  estimator.learn(text, 'c/d', 1_000_000)
  expect(estimator.estimate(text, 'c/d')).toBe(1_000)
})
