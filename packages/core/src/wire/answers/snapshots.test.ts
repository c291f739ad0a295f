import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GenerationEvent } from '../../events.ts'
import { createSnapshotReader } from './snapshots.ts'

function readAll(snapshots: readonly unknown[]): { events: GenerationEvent[]; error: unknown } {
  const events: GenerationEvent[] = []
  const reader = createSnapshotReader('openrouter/router', 'r', (event) => events.push(event))
  try {
    for (const snapshot of snapshots) if (reader.read(snapshot) === 'done') break
    reader.end()
    return { events, error: undefined }
  } catch (error) {
    return { events, error }
  }
}

function textOf(
  events: readonly GenerationEvent[],
  type: 'text-delta' | 'reasoning-delta' = 'text-delta',
): string {
  let text = ''
  for (const event of events) {
    if (event.type === 'reset') text = ''
    if (event.type === type) text += event.delta
  }
  return text
}

test('repeated snapshots say nothing, growing ones say what is new', () => {
  const { events } = readAll([
    { output: 'Find', partial: true, error: null },
    { output: 'Find meaning.\n', partial: true, error: null },
    { output: 'Find meaning.\n', partial: true, error: null },
    { output: 'Find meaning.\n', partial: false, error: null },
  ])
  expect(events).toEqual([
    { type: 'text-delta', delta: 'Find' },
    { type: 'text-delta', delta: ' meaning.\n' },
    { type: 'finish', reason: 'stop' },
  ])
})

test('rule 7: a snapshot that does not extend the last one is a reset', () => {
  const { events } = readAll([
    { output: 'It is blue', reasoning: 'sky', partial: true },
    { output: 'It was', reasoning: 'sky', partial: false },
  ])
  expect(events.map((event) => event.type)).toEqual([
    'reasoning-delta',
    'text-delta',
    'reset',
    'reasoning-delta',
    'text-delta',
    'finish',
  ])
  expect(textOf(events)).toBe('It was')
})

test('rule 7: a rewritten reasoning is a reset, and the text is said again', () => {
  const { events } = readAll([
    { output: 'It is', reasoning: 'the sky', partial: true },
    { output: 'It is blue', reasoning: 'the sea', partial: false },
  ])
  expect(events.slice(2)).toEqual([
    { type: 'reset', reason: 'rewrite' },
    { type: 'reasoning-delta', delta: 'the sea' },
    { type: 'text-delta', delta: 'It is blue' },
    { type: 'finish', reason: 'stop' },
  ])
})

test('rule 7: whatever the snapshots are, the words add up to the last ones', () => {
  const words = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b') })
  const snapshot = fc.record({
    output: words,
    reasoning: fc.option(words),
    partial: fc.constant(true),
  })
  fc.assert(
    fc.property(fc.array(snapshot, { minLength: 1, maxLength: 12 }), (snapshots) => {
      const last = { ...snapshots.at(-1), partial: false }
      const { events } = readAll([...snapshots, last])
      expect(textOf(events)).toBe(last.output)
      const thoughts = snapshots.map(({ reasoning }) => reasoning).filter((some) => some !== null)
      expect(textOf(events, 'reasoning-delta')).toBe(thoughts.at(-1) ?? '')
    }),
  )
})

test('rule 1: a stream that carried partial and ends without partial:false is interrupted', () => {
  expect(readAll([{ output: 'a', partial: true }]).error).toMatchObject({ code: 'interrupted' })
  expect(readAll([]).error).toMatchObject({ code: 'interrupted' })
})

test('a stream that never carried partial is complete when it ends cleanly', () => {
  const { events, error } = readAll([{ output: 'a' }, { output: 'ab' }])
  expect(error).toBeUndefined()
  expect(events.at(-1)).toEqual({ type: 'finish', reason: 'unknown' })
})

test('rule 1: an error inside the stream is an error, after the words that came with it', () => {
  const { events, error } = readAll([
    { output: 'half', partial: false, error: 'Provider returned error' },
  ])
  expect(events).toEqual([{ type: 'text-delta', delta: 'half' }])
  expect(error).toMatchObject({ code: 'provider', message: 'Provider returned error' })
})

test('usage is passed on as fal reports it', () => {
  const usage = { prompt_tokens: 40, completion_tokens: 227, total_tokens: 267, cost: 0.0005795 }
  expect(readAll([{ output: 'a', partial: false, usage }]).events).toContainEqual({
    type: 'usage',
    usage: {
      promptTokens: 40,
      completionTokens: 227,
      totalTokens: 267,
      costUsd: 0.0005795,
      estimated: false,
    },
  })
})

test('events that are no answer change nothing, and no prototype', () => {
  const odd = [null, 1, 'x', [], JSON.parse('{"__proto__":{"output":"no"}}'), { usage: 5 }]
  const { events } = readAll([...odd, { output: 'a', partial: false }])
  expect(textOf(events)).toBe('a')
  expect(({} as { output?: unknown }).output).toBeUndefined()
})
