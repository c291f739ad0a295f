import { FalLlmError } from '@fal-llm/core'
import type { FalLlmErrorCode } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { toContextLine } from './context-line.ts'
import { toCostLine } from './cost-line.ts'
import { toErrorSentence } from './error-sentence.ts'
import { toQueueLine } from './queue-line.ts'

const usage = {
  promptTokens: 204,
  completionTokens: 1000,
  totalTokens: 1204,
  costUsd: 0.0123,
  estimated: false,
  turns: 2,
  estimatedTurns: 0,
  byModel: {},
}

test('rule 11: a reported sum is shown as it is, an estimate as one', () => {
  expect(toCostLine(usage)?.text).toBe('$0.012 · 1,204 tokens')
  expect(toCostLine({ ...usage, estimated: true, estimatedTurns: 1 })?.text).toBe(
    '$0.012 · ≈ 1,204 tokens, 1 of 2 answers estimated',
  )
  const unknown = { ...usage, costUsd: undefined, estimated: true, estimatedTurns: 2 }
  expect(toCostLine(unknown)?.text).toBe('≈ 1,204 tokens, estimated')
})

test('a conversation without an answer has no cost line', () => {
  expect(toCostLine({ ...usage, turns: 0 })).toBeUndefined()
})

const context = {
  includedCount: 3,
  firstIncludedId: '3',
  pinnedIds: [],
  droppedCount: 2,
  droppedFiles: [],
  estimatedTokens: 60_123,
  strategy: 'messages',
} as const

test('rule 9: says what of the history was sent when some was left out', () => {
  expect(toContextLine(context)).toEqual({
    text: 'Sent 3 of 5 turns',
    reason: expect.stringContaining('2 older turns were left out; about 60,123 tokens were sent.'),
  })
})

test('rule 9: images that were left out are named', () => {
  const files = ['dog.png', 'https://x/cat.png']
  expect(toContextLine({ ...context, droppedCount: 0, droppedFiles: files })).toEqual({
    text: 'Left out 2 images',
    reason: expect.stringContaining('dog.png, https://x/cat.png'),
  })
})

test('says nothing when all was sent, or before it was', () => {
  expect(toContextLine({ ...context, droppedCount: 0 })).toBeUndefined()
  expect(toContextLine(undefined)).toBeUndefined()
})

const logs = [{ message: 'loading', level: 'INFO', timestamp: '2026-11-20T12:00:00Z' }]

test.each([
  [undefined, ''],
  [{ logs: [] }, 'In the queue'],
  [{ position: 0, logs: [] }, 'Next in the queue'],
  [{ position: 2, logs: [] }, 'In the queue, 2 ahead'],
  [{ logs }, 'Working on it'],
])('a queue of %j reads %j', (queue, line) => {
  expect(toQueueLine(queue)).toBe(line)
})

// A record of the closed union: a code that is new does not compile until it is here.
const advice: Readonly<Record<FalLlmErrorCode, RegExp>> = {
  aborted: /Regenerate/,
  auth: /Set FAL_KEY/,
  forbidden: /Choose another model/,
  'not-found': /Choose another/,
  'invalid-input': /edit the message/,
  'content-policy': /Edit the message/,
  'context-overflow': /new chat/,
  'rate-limited': /then retry/,
  overloaded: /Retry/,
  timeout: /Retry/,
  interrupted: /Retry/,
  network: /Check the connection/,
  provider: /Retry/,
  cancelled: /Send it again/,
  busy: /Wait for it/,
  unsupported: /Choose another endpoint/,
  storage: /Free some space/,
  unknown: /Retry/,
}

// The keys of a record over the codes are the codes.
test.each(Object.entries(advice) as [FalLlmErrorCode, RegExp][])(
  'the code %s says what to do',
  (code, words) => {
    expect(toErrorSentence(new FalLlmError(code, 'x'))).toMatch(words)
  },
)

test.each([
  [400, 'Retry in a second.'],
  [30_000, 'Retry in 30 seconds.'],
  [3_600_000, 'Retry in 60 minutes.'],
])('says when to retry after %d ms', (retryAfterMs, words) => {
  expect(toErrorSentence(new FalLlmError('rate-limited', 'x', { retryAfterMs }))).toContain(words)
})

test('rule 10: warns before a retry that may cost twice', () => {
  const error = new FalLlmError('network', 'x', { maybeSubmitted: true })
  expect(toErrorSentence(error)).toContain('a retry may cost twice')
})
