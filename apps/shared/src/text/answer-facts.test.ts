import type { ChatMessage } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { toAnswerFacts } from './answer-facts.ts'

const answer: ChatMessage = {
  id: 'a',
  role: 'assistant',
  parts: [],
  text: '',
  reasoning: '',
  status: 'done',
  error: undefined,
  createdAt: 0,
  parentId: 'q',
  branch: { index: 0, count: 1 },
  model: 'openai/gpt-4o',
}
const usage = {
  promptTokens: 1,
  completionTokens: 2,
  totalTokens: 3,
  costUsd: 0.0012,
  estimated: false,
}
const timing = { startedAt: 0, firstTokenMs: 420, totalMs: 2000, tokensPerSecond: 57.4 }

test('says model, time to first token, speed and cost', () => {
  const values = toAnswerFacts({ ...answer, usage, timing }).map((fact) => fact.value)
  expect(values).toEqual(['gpt-4o', '0.42 s', '57 tok/s', '$0.0012'])
})

test('leaves out what is not known yet', () => {
  expect(toAnswerFacts(answer).map((fact) => fact.name)).toEqual(['Model'])
})

test('rule 11: shows an estimate as one', () => {
  const estimate = { ...usage, costUsd: undefined, estimated: true }
  const facts = toAnswerFacts({ ...answer, usage: estimate, timing })
  expect(facts.at(-1)).toEqual({ name: 'Speed', value: '≈ 57 tok/s', estimated: true })
})
