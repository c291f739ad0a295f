import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FalLlmError } from '../errors.ts'
import type { GenerationEvent } from '../events.ts'
import { createComposer } from './snapshot/compose-state.ts'
import { reduceChat } from './reduce-chat.ts'
import type { ChatEvent, Conversation } from './reduce-chat.ts'
import type { ChatMessage } from './state.ts'
import { emptyTree, treeOf } from './tree.ts'

const empty: Conversation = {
  id: 'chat',
  tree: emptyTree,
  live: undefined,
  status: 'ready',
  error: undefined,
  failedId: undefined,
}

function message(id: string, role: ChatMessage['role'], parentId: string | null): ChatMessage {
  return {
    id,
    role,
    parentId,
    parts: [],
    text: '',
    reasoning: '',
    status: role === 'assistant' ? 'pending' : 'done',
    error: undefined,
    createdAt: 0,
    branch: { index: 0, count: 1 },
  }
}

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const parents = fc.option(ids)
const generation: fc.Arbitrary<GenerationEvent> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), delta: fc.string({ maxLength: 3 }) }),
  fc.record({ type: fc.constant('reasoning-delta' as const), delta: fc.string({ maxLength: 3 }) }),
  fc.constant<GenerationEvent>({ type: 'reset', reason: 'rewrite' }),
  fc.constant<GenerationEvent>({ type: 'finish', reason: 'stop' }),
  fc.constant<GenerationEvent>({
    type: 'queue-update',
    requestId: 'r',
    status: 'IN_QUEUE',
    logs: [],
  }),
)
const ending = fc.constantFrom(
  'done' as const,
  'stopped' as const,
  'interrupted' as const,
  'error' as const,
)
const chatEvent: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.tuple(ids, parents).map(([id, parentId]): ChatEvent => {
    return { type: 'message-add', message: message(id, 'user', parentId) }
  }),
  fc.tuple(ids, parents, parents).map(([id, parentId, previousLeafId]): ChatEvent => {
    return { type: 'answer-start', message: message(id, 'assistant', parentId), previousLeafId }
  }),
  fc.tuple(ids, generation).map(([messageId, event]): ChatEvent => {
    return { type: 'answer-event', messageId, event }
  }),
  fc.tuple(ids, ending).map(([messageId, status]): ChatEvent => {
    const error = status === 'error' ? new FalLlmError('provider', 'no') : undefined
    return { type: 'answer-end', messageId, ending: { status, ...(error && { error }) } }
  }),
  ids.map((messageId): ChatEvent => ({ type: 'message-choose', messageId })),
  ids.map((messageId): ChatEvent => ({ type: 'message-remove', messageId })),
  fc.constant<ChatEvent>({ type: 'tree-replace', tree: treeOf([message('z', 'user', null)]) }),
  fc.constant<ChatEvent>({ type: 'error-clear' }),
)

test('rule 13: when the status is ready or error no message is pending or streaming', () => {
  fc.assert(
    fc.property(fc.array(chatEvent, { maxLength: 60 }), (events) => {
      const compose = createComposer()
      let conversation = empty
      for (const event of events) {
        const before = JSON.stringify([...conversation.tree.nodes])
        const next = reduceChat(conversation, event)
        expect(JSON.stringify([...conversation.tree.nodes])).toBe(before)
        conversation = next
        const state = compose({ conversation, queued: [], hydrated: true, refusesWhenBusy: false })
        const open = [...conversation.tree.nodes.values()].filter(
          ({ id, status }) =>
            (status === 'pending' || status === 'streaming') &&
            id !== conversation.live?.message.id,
        )
        expect(open).toEqual([])
        expect(state.isBusy).toBe(!['ready', 'error'].includes(state.status))
        const writing = state.messages.filter(({ status }) =>
          ['pending', 'streaming'].includes(status),
        )
        expect(writing.length).toBeLessThanOrEqual(state.isBusy ? 1 : 0)
      }
    }),
    { numRuns: 3_000 },
  )
})

test('rule 5: no event but remove and replace takes a word away', () => {
  const harmless = chatEvent.filter(
    ({ type }) => type !== 'message-remove' && type !== 'tree-replace',
  )
  fc.assert(
    fc.property(fc.array(harmless, { maxLength: 60 }), (events) => {
      let conversation = empty
      for (const event of events) {
        const known = [...conversation.tree.nodes.keys()]
        conversation = reduceChat(conversation, event)
        for (const id of known) expect(conversation.tree.nodes.has(id)).toBe(true)
      }
    }),
  )
})

test('a snapshot in which nothing changed is the same object', () => {
  const compose = createComposer()
  const source = { conversation: empty, queued: [], hydrated: true, refusesWhenBusy: false }
  expect(compose(source)).toBe(compose({ ...source }))
})
