import { expect, test } from 'vitest'
import { FalLlmError } from '../../errors.ts'
import type { Body } from '../kept.ts'
import { readChat } from './read-chat.ts'
import { shownPath } from './rebase.ts'
import { fromStoredChat } from './to-stored-chat.ts'

const read = (input: unknown) => fromStoredChat(readChat(input))
const bodies = (input: unknown): readonly Body[] =>
  [...read(input).messages.values()].map(({ body }) => body)

test.each([
  [
    'a list',
    [
      { role: 'user', text: 'Hi' },
      { role: 'assistant', text: 'Ho' },
    ],
  ],
  [
    'an object with a list',
    {
      messages: [
        { role: 'user', text: 'Hi' },
        { role: 'assistant', text: 'Ho' },
      ],
    },
  ],
  ['its text', '[{"role":"user","text":"Hi"},{"role":"assistant","text":"Ho"}]'],
])('%s of { role, text } is enough', (_name, input) => {
  const kept = read(input)
  expect(bodies(input)).toMatchObject([
    { role: 'user', parts: [{ type: 'text', text: 'Hi' }], status: 'done', ended: true },
    { role: 'assistant', parts: [{ type: 'text', text: 'Ho' }], status: 'done', attempt: 1 },
  ])
  expect(shownPath(kept)).toEqual([...kept.messages.keys()])
})

test.each([
  ['a number', 1_763_000_000_000],
  ['a string', new Date(1_763_000_000_000).toISOString()],
  ['a Date', new Date(1_763_000_000_000)],
])('createdAt may be %s', (_name, createdAt) => {
  expect(bodies([{ role: 'user', text: 'Hi', createdAt }])[0]?.createdAt).toBe(1_763_000_000_000)
})

test.each(['pending', 'streaming'])('a %s message given in becomes interrupted', (status) => {
  expect(bodies([{ role: 'assistant', text: 'Ho', status }])[0]).toMatchObject({
    status: 'interrupted',
    ended: true,
  })
})

test('a text that differs from its parts replaces them, in their place', () => {
  const parts = [
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'o' },
    { type: 'text', text: 'ld' },
    { type: 'image', url: 'https://x/y.png' },
  ]
  expect(bodies([{ role: 'user', text: 'old', parts }])[0]?.parts).toEqual(parts)
  expect(bodies([{ role: 'user', text: 'new', parts }])[0]?.parts).toEqual([
    parts[0],
    { type: 'text', text: 'new' },
    parts[3],
  ])
  expect(bodies([{ role: 'user', text: '', parts }])[0]?.parts).toEqual([parts[0], parts[3]])
})

test('ids, branches, usage, errors and metadata are taken over; odd figures are not', () => {
  const kept = read([
    { id: 'u', role: 'user', text: 'Hi', metadata: { from: 'here' } },
    { id: 'a', role: 'assistant', text: 'Ho', usage: { promptTokens: NaN, completionTokens: 1 } },
    {
      id: 'b',
      role: 'assistant',
      parentId: 'u',
      text: '',
      status: 'error',
      error: { code: 'rate-limited', message: 'slow' },
      usage: { promptTokens: 1, completionTokens: 2, costUsd: 3.75e-8 },
    },
  ])
  expect(kept.messages.get('u')?.metadata?.value).toEqual({ from: 'here' })
  expect(kept.messages.get('a')?.body.usage).toBeUndefined()
  expect(kept.messages.get('b')).toMatchObject({
    place: { parentId: 'u' },
    body: { usage: { totalTokens: 3, costUsd: 3.75e-8 }, error: { code: 'rate-limited' } },
  })
  expect(kept.messages.get('b')?.body.error).toBeInstanceOf(FalLlmError)
  expect(shownPath(kept)).toEqual(['u', 'b'])
})

test('unknown parents, cycles and ids given twice are kept', () => {
  const kept = read([
    { id: 'a', role: 'user', text: '1', parentId: 'b' },
    { id: 'b', role: 'user', text: '2', parentId: 'a' },
    { id: 'c', role: 'user', text: '3', parentId: 'nobody' },
    { id: 'c', role: 'user', text: '4', parentId: 'c' },
    { id: '__proto__', role: 'user', text: '5' },
  ])
  expect(kept.messages.size).toBe(5)
  expect(shownPath(kept).at(0)).toBe('c')
})

test('two that read the same give the same ids', () => {
  const list = [
    { role: 'user', text: 'Hi' },
    { id: 'message-1', role: 'user', text: 'Ho' },
  ]
  const ids = [...read(list).messages.keys()]
  expect([...read(list).messages.keys()]).toEqual(ids)
  expect(new Set(ids).size).toBe(2)
})

test.each([
  ['no JSON', '{', /no JSON/],
  ['nothing', undefined, /toJSON/],
  ['a number', 5, /toJSON/],
  ['an object of another kind', { hello: 1 }, /neither/],
  ['a newer version', { version: 9, messages: {} }, /version 9/],
  [
    'a stored one of which nothing can be read',
    { version: 2, messages: { a: 1 } },
    /nothing of it/,
  ],
  ['a message without a role', [{ text: 'Hi' }], /messages\[0\]\.role/],
  ['a message without words', [{ role: 'user' }], /messages\[0\]\.text: a message is/],
  ['a text that is none', [{ role: 'user', text: 5 }], /messages\[0\]\.text/],
  ['parts that are none', [{ role: 'user', parts: [{ type: 'video' }] }], /messages\[0\]\.parts/],
  ['a message that is none', ['Hi'], /messages\[0\]\.role/],
])('%s is refused as invalid-input that says what to give', (_name, input, says) => {
  const error = (() => {
    try {
      return readChat(input)
    } catch (thrown) {
      return thrown
    }
  })()
  expect(error).toBeInstanceOf(FalLlmError)
  expect(error).toMatchObject({ code: 'invalid-input', message: expect.stringMatching(says) })
})
