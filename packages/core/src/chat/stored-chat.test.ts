import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FalLlmError } from '../errors.ts'
import type { ChatMessage } from './state.ts'
import { readChat, writeChat } from './stored-chat.ts'
import { addMessage, chooseMessage, emptyTree, visiblePath } from './tree.ts'
import type { MessageTree } from './tree.ts'

function message(
  id: string,
  parentId: string | null,
  fields: Partial<ChatMessage> = {},
): ChatMessage {
  return {
    id,
    parentId,
    role: 'user',
    parts: [{ type: 'text', text: id }],
    text: id,
    reasoning: '',
    status: 'done',
    error: undefined,
    createdAt: 7,
    branch: { index: 0, count: 1 },
    ...fields,
  }
}
const job = { requestId: 'r', endpoint: 'openrouter/router', messageId: 'a' }

test('a conversation with branches reads back as it was written', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 20 }), (steps) => {
      let tree: MessageTree = emptyTree
      steps.forEach(([at, atRoot], count) => {
        const ids = [...tree.nodes.keys()]
        const parent = atRoot ? null : (ids[at % Math.max(1, ids.length)] ?? null)
        tree = addMessage(tree, message(`m${count}`, parent))
        if (at % 3 === 0) tree = chooseMessage(tree, ids[0] ?? '')
      })
      const waiting = [
        { id: 'w', text: 'later', images: ['https://x/y.png'], options: {}, createdAt: 1 },
      ]
      const read = readChat(writeChat({ tree, waiting, job }))
      expect(read?.tree).toEqual(tree)
      expect(visiblePath(read?.tree ?? emptyTree)).toEqual(visiblePath(tree))
      expect(read).toMatchObject({ waiting, job })
    }),
  )
})

test('an error reads back as a FalLlmError, and an answer that had not ended as interrupted', () => {
  const error = new FalLlmError('rate-limited', 'slow down', { status: 429, retryable: true })
  let tree = addMessage(emptyTree, message('a', null, { status: 'error', error }))
  tree = addMessage(tree, message('b', 'a', { role: 'assistant', status: 'streaming' }))
  const read = readChat(writeChat({ tree, waiting: [], job: undefined }))
  expect(read?.tree.nodes.get('a')?.error).toBeInstanceOf(FalLlmError)
  expect(read?.tree.nodes.get('a')?.error).toMatchObject({ code: 'rate-limited', status: 429 })
  expect(read?.tree.nodes.get('b')).toMatchObject({
    status: 'interrupted',
    error: { code: 'interrupted' },
  })
})

test('pictures are stored as URLs, never as bytes', () => {
  const parts = [
    { type: 'image', url: 'data:image/png;base64,AAAA' },
    { type: 'image', url: 'https://v3.fal.media/files/x.png', mediaType: 'image/png' },
  ] as const
  const stored = writeChat({
    tree: addMessage(emptyTree, message('a', null, { parts })),
    waiting: [],
    job: undefined,
  })
  expect(stored).not.toContain('base64')
  expect(readChat(stored)?.tree.nodes.get('a')?.parts).toEqual([parts[1]])
})

test.each([
  ['nothing', undefined],
  ['no JSON', '{"version":1,'],
  ['a newer version', '{"version":2,"messages":[]}'],
  ['no version', '{"messages":[]}'],
  ['a message without an id', '{"version":1,"messages":[{"role":"user"}]}'],
  ['a list', '[]'],
])('rule 18: %s cannot be read', (_name, stored) => {
  expect(readChat(stored)).toBeUndefined()
})

test('stored history cannot touch a prototype', () => {
  const stored =
    '{"version":1,"messages":[{"id":"a","role":"user","parts":[],"status":"done","parentId":null,"__proto__":{"polluted":1},"metadata":{"__proto__":{"polluted":1}}}],"chosen":["__proto__"],"waiting":[{"__proto__":{"polluted":1}}]}'
  readChat(stored)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})
