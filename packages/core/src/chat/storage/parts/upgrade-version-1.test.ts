// What the first version of this package has written.

import { expect, test } from 'vitest'
import { FalLlmError } from '../../../errors.ts'
import { rank } from '../../kept.ts'
import { readStored } from './read-stored.ts'
import { shownPath } from '../rebase.ts'

const message = (id: string, parentId: string | null, fields: object = {}): object => ({
  id,
  parentId,
  role: 'user',
  parts: [{ type: 'text', text: id }],
  status: 'done',
  createdAt: 7,
  ...fields,
})
const stored = (fields: object): string =>
  JSON.stringify({ version: 1, messages: [], chosen: [], waiting: [], ...fields })
const answer = { role: 'assistant' }

test('branches, and which of them is shown, are read', () => {
  const read = readStored(
    stored({
      messages: [
        message('u', null),
        message('a', 'u', answer),
        message('b', 'u', answer),
        message('c', 'b'),
      ],
      chosen: ['u', 'a'],
    }),
  )
  expect(read?.isWhole).toBe(true)
  expect(shownPath(read?.kept ?? fail())).toEqual(['u', 'a'])
  expect(read?.kept.messages.get('c')).toMatchObject({
    place: { rank: rank.tree, parentId: 'b', born: 3, at: 3, by: '' },
    body: { attempt: 0, ended: true, parts: [{ type: 'text', text: 'c' }] },
  })
})

test('two chats that read it make the same of it', () => {
  const text = stored({
    messages: [message('u', null), message('a', 'u', answer)],
    waiting: [{ id: 'w', text: 'later', images: [], options: {}, createdAt: 1 }],
  })
  expect(readStored(text)).toEqual(readStored(JSON.parse(text)))
})

test('what waits becomes messages of the line, asked as it was to be asked', () => {
  const waiting = {
    id: 'w',
    text: 'later',
    images: ['https://x/y.png'],
    metadata: { from: 'a form' },
    options: { endpoint: 'me/my-llm', model: 'mine', system: 'Be brief', whenBusy: 'queue' },
    createdAt: 1,
  }
  const read = readStored(stored({ messages: [message('u', null)], waiting: [waiting] }))
  expect(read?.kept.messages.get('w')).toMatchObject({
    place: { rank: rank.line, parentId: null, born: 1 },
    body: {
      role: 'user',
      answerId: 'w:answer',
      asked: { endpoint: 'me/my-llm', model: 'mine', system: 'Be brief' },
      parts: [
        { type: 'image', url: 'https://x/y.png' },
        { type: 'text', text: 'later' },
      ],
    },
    metadata: { value: { from: 'a form' } },
  })
})

test('a job goes into the body of its answer, which stays open', () => {
  const read = readStored(
    stored({
      messages: [message('u', null), message('a', 'u', { ...answer, status: 'streaming' })],
      job: { requestId: 'r', endpoint: 'openrouter/router', messageId: 'a' },
    }),
  )
  expect(read?.kept.messages.get('a')?.body).toMatchObject({
    ended: false,
    attempt: 1,
    job: { requestId: 'r', endpoint: 'openrouter/router' },
  })
})

test('an error reads back as a FalLlmError', () => {
  const error = new FalLlmError('rate-limited', 'slow down', { status: 429 })
  const read = readStored(
    stored({ messages: [message('a', null, { ...answer, status: 'error', error })] }),
  )
  const body = read?.kept.messages.get('a')?.body
  expect(body).toMatchObject({ status: 'error', error: { code: 'rate-limited', status: 429 } })
  expect(body?.error).toBeInstanceOf(FalLlmError)
})

test('the lists of ids in a context become counts', () => {
  const context = {
    includedIds: ['b', 'c'],
    droppedIds: ['a'],
    estimatedTokens: 9,
    strategy: 'messages',
  }
  const read = readStored(stored({ messages: [message('a', null, { ...answer, context })] }))
  expect(read?.kept.messages.get('a')?.body.context).toEqual({
    includedCount: 2,
    firstIncludedId: 'b',
    pinnedIds: [],
    droppedCount: 1,
    droppedFiles: [],
    estimatedTokens: 9,
    strategy: 'messages',
  })
})

test('unknown parents are kept, and of two messages with one id the first counts', () => {
  const read = readStored(
    stored({ messages: [message('a', 'nobody'), message('a', null, { parts: [] })] }),
  )
  expect(read?.kept.messages.get('a')?.place.parentId).toBe('nobody')
  expect(read?.kept.messages.get('a')?.body.parts).toHaveLength(1)
})

test('a message that is none is missed, and the others are kept', () => {
  const read = readStored(stored({ messages: [{ role: 'user' }, message('a', null)] }))
  expect(read?.isWhole).toBe(false)
  expect([...(read?.kept.messages.keys() ?? [])]).toEqual(['a'])
})

test.each([
  ['nothing but messages that are none', stored({ messages: [{ role: 'user' }] })],
  ['no list', '{"version":1}'],
])('rule 18: %s cannot be read', (_name, text) => {
  expect(readStored(text)).toBeUndefined()
})

test('stored history cannot touch a prototype', () => {
  readStored(
    '{"version":1,"messages":[{"id":"a","role":"user","parts":[],"status":"done","parentId":null,"__proto__":{"polluted":1},"metadata":{"__proto__":{"polluted":1}}}],"chosen":["__proto__"],"waiting":[{"__proto__":{"polluted":1}}]}',
  )
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

function fail(): never {
  throw new Error('it could not be read')
}
