import { expect, test } from 'vitest'
import { FalLlmError } from '../../../errors.ts'
import { emptyKept, rank } from '../../kept.ts'
import type { Body, Entry, Kept } from '../../kept.ts'
import { mergeKept } from '../merge.ts'
import { layoutOf, planParts } from './plan-parts.ts'
import type { PartPlan } from './plan-parts.ts'
import { readChat } from '../read-chat.ts'
import { readStored } from './read-stored.ts'
import { headOf, packPart, partKey, revisionOf } from './stored-chat.ts'
import { fromStoredChat, toStoredChat } from '../to-stored-chat.ts'
import type { StoredChat } from '../to-stored-chat.ts'

function entry(at: number, body: Partial<Body> = {}, parentId: string | null = null): Entry {
  return {
    place: { at, by: 'abc', rank: rank.tree, parentId, born: at },
    body: {
      at,
      by: 'abc',
      attempt: 0,
      ended: true,
      role: 'user',
      parts: [{ type: 'text', text: `text ${at}` }],
      status: 'done',
      createdAt: 7,
      ...body,
    },
  }
}
const keptOf = (messages: Readonly<Record<string, Entry>>, more: Partial<Kept> = {}): Kept => ({
  ...emptyKept,
  messages: new Map(Object.entries(messages)),
  ...more,
})
const head = { revision: 3, by: 'abc', parts: 1, isFirst: true }
const pack = (kept: Kept): string =>
  packPart(kept, [...kept.messages.keys()], [...kept.shown.keys()], head).text

const whole = keptOf(
  {
    u: { ...entry(1), metadata: { at: 2, by: 'abc', value: { any: ['thing'] } } },
    a: entry(
      3,
      {
        role: 'assistant',
        attempt: 2,
        ended: false,
        status: 'streaming',
        asked: { model: 'google/gemini', system: 'Be brief', mode: 'durable', params: { a: 1 } },
        job: { requestId: 'r', endpoint: 'openrouter/router' },
        cancel: { requestId: 'q', endpoint: 'openrouter/router' },
        error: new FalLlmError('rate-limited', 'slow down', { status: 429, retryable: true }),
        usage: {
          promptTokens: 1,
          completionTokens: 2,
          totalTokens: 3,
          costUsd: 3.75e-8,
          estimated: false,
        },
        timing: { startedAt: 5, totalMs: 6, firstTokenMs: 1 },
        queue: { position: 0, logs: [{ message: 'hi', level: 'INFO', timestamp: 't' }] },
        context: {
          includedCount: 2,
          firstIncludedId: 'u',
          pinnedIds: ['p'],
          droppedCount: 1,
          droppedFiles: ['cat.png'],
          estimatedTokens: 9,
          strategy: 'messages',
        },
        finishReason: 'length',
        toolCalls: [{ id: undefined, name: 'f', arguments: '{}' }],
        requestId: 'r',
        endpoint: 'openrouter/router',
        model: 'google/gemini',
      },
      'u',
    ),
    w: { ...entry(4, { answerId: 'w-answer' }), place: { ...entry(4).place, rank: rank.line } },
    ['__proto__']: entry(5),
  },
  {
    generation: 2,
    shown: new Map([['u', { at: 9, by: 'x', id: 'a' }]]),
    title: { at: 1, by: 'x', text: 'T' },
  },
)

test('a conversation reads back as it was written, errors as FalLlmErrors', () => {
  const read = readStored(pack(whole))
  expect(read).toMatchObject({ isWhole: true, partCount: 1 })
  expect(read?.kept).toEqual(whole)
  expect(read?.kept.messages.get('a')?.body.error).toBeInstanceOf(FalLlmError)
})

test('its head comes first in the text, also when a storage parsed and wrote it anew', () => {
  const text = pack(whole)
  expect(headOf(text)).toBe('{"version":2,"revision":3,"by":"abc"')
  expect(revisionOf(text)).toBe(3)
  expect(headOf(JSON.stringify(JSON.parse(text)))).toBe(headOf(text))
  expect(headOf('no head')).toBe('no head')
})

test('bytes are never written; their image keeps its name', () => {
  const parts = [
    { type: 'image', url: 'data:image/png;base64,AAAA', name: 'cat.png' },
    { type: 'image', url: 'https://v3.fal.media/files/x.png' },
  ] as const
  const text = pack(keptOf({ u: entry(1, { parts }) }))
  expect(text).not.toContain('base64')
  expect(readStored(text)?.kept.messages.get('u')?.body.parts).toEqual([
    { type: 'image', url: '', name: 'cat.png' },
    parts[1],
  ])
})

test('metadata that JSON cannot write costs no words', () => {
  const odd = { ...entry(1), metadata: { at: 1, by: 'a', value: 1n } }
  expect(readStored(pack(keptOf({ u: odd })))?.kept.messages.get('u')?.body.parts).toEqual(
    entry(1).body.parts,
  )
})

/** Text of a whole conversation with something odd in the body of one answer. */
function withOdd(odd: object, place: object = {}): string {
  const { body } = entry(1, { role: 'assistant' })
  return JSON.stringify({
    version: 2,
    generation: 0,
    shown: {},
    messages: { a: { place: { ...entry(1).place, ...place }, body: { ...body, ...odd } } },
  })
}

test.each<[string, object, Partial<Body>]>([
  [
    'an unknown error code',
    { error: { code: 'toString', message: 'm' } },
    { error: new FalLlmError('unknown', 'm') },
  ],
  [
    'a cost that is negative',
    { usage: { promptTokens: 1, completionTokens: 1, totalTokens: 2, costUsd: -1 } },
    {
      usage: {
        promptTokens: 1,
        completionTokens: 1,
        totalTokens: 2,
        costUsd: undefined,
        estimated: false,
      },
    },
  ],
  ['figures that are none', { usage: { promptTokens: null, completionTokens: 'x' } }, {}],
  ['a context of another kind', { context: { includedCount: 'all' } }, {}],
  ['a timing without a total', { timing: { startedAt: 1 } }, {}],
  ['a queue that is none', { queue: 'long' }, {}],
  [
    'a log that is none',
    { queue: { position: -1, logs: [1, { message: 'm' }] } },
    { queue: { logs: [{ message: 'm', level: 'INFO', timestamp: '' }] } },
  ],
  ['a reason of no known name', { finishReason: 'bored' }, {}],
  ['names that are none', { model: 5, requestId: {}, endpoint: [] }, {}],
  ['a mode of no known name', { asked: { mode: 'fast', model: 'm' } }, { asked: { model: 'm' } }],
  ['a status of no known name', { status: 'sideways' }, { status: 'interrupted' }],
  ['a time that is none', { createdAt: 'yesterday' }, { createdAt: 0 }],
  [
    'counters that cannot be counted on',
    { at: 1e300, attempt: -1, by: 5 },
    { at: 0, attempt: 0, by: '' },
  ],
])('%s never reaches a screen', (_name, odd, reads) => {
  const read = readStored(withOdd(odd))
  expect(read?.kept.messages.get('a')?.body).toEqual({
    ...entry(1, { role: 'assistant' }).body,
    ...reads,
  })
})

test.each<[string, string]>([
  [
    'a part of no known kind',
    withOdd({ parts: [{ type: 'hologram' }, { type: 'text', text: 'x' }] }),
  ],
  ['a job without a name', withOdd({ job: { requestId: 'r' } })],
  ['a choice without an id', withOdd({}).replace('"shown":{}', '"shown":{"":{}}')],
  ['a message without a role', withOdd({}).replace('"messages":{', '"messages":{"b":{"body":{}},')],
])('%s is missed: what is left is kept, and the text is to be set aside', (_name, text) => {
  expect(readStored(text)).toMatchObject({ isWhole: false })
  expect(readStored(text)?.kept.messages.get('a')).toBeDefined()
})

test.each([
  ['nothing', undefined],
  ['no JSON', '{"version":2,'],
  ['a newer version', '{"version":3,"messages":{}}'],
  ['no version', '{"messages":{}}'],
  ['only messages that are none', '{"version":2,"messages":{"a":{}}}'],
  ['a list', '[]'],
  ['version 1 without a list', '{"version":1,"messages":{}}'],
])('rule 18: %s cannot be read', (_name, stored) => {
  expect(readStored(stored)).toBeUndefined()
})

test('stored history cannot touch a prototype', () => {
  readStored(
    '{"version":2,"__proto__":{"polluted":1},"shown":{"__proto__":{"id":"a","polluted":1}},"messages":{"__proto__":{"place":{"__proto__":{"polluted":1}},"body":{"role":"user","parts":[],"__proto__":{"polluted":1}},"metadata":{"value":{"__proto__":{"polluted":1}}}}}}',
  )
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('unknown parents and cycles are kept as they are', () => {
  const odd = keptOf({ a: entry(1, {}, 'b'), b: entry(2, {}, 'a'), c: entry(3, {}, 'nobody') })
  expect(readStored(pack(odd))?.kept).toEqual(odd)
})

const uuid = (at: number): string => `${String(at).padStart(8, '0')}-1111-4111-8111-123456789abc`
const by = 'k3v9x2'
/** A long conversation as people have it. */
function longChat(count: number): Kept {
  const messages = new Map<string, Entry>()
  for (let at = 0; at < count; at++) {
    const text = 'Lorem ipsum dolor sit amet, '.repeat(30).slice(0, 200 + ((at * 37) % 300))
    const isAnswer = at % 2 === 1
    const place = {
      at: at + 1,
      by,
      rank: rank.tree,
      parentId: at === 0 ? null : uuid(at - 1),
      born: at + 1,
    }
    const context: NonNullable<Body['context']> = {
      includedCount: 40,
      firstIncludedId: uuid(Math.max(0, at - 40)),
      pinnedIds: [],
      droppedCount: at,
      droppedFiles: [],
      estimatedTokens: 5_000,
      strategy: 'transcript',
    }
    const answer: Partial<Body> = {
      role: 'assistant',
      attempt: 1,
      asked: {
        endpoint: 'openrouter/router',
        model: 'google/gemini-2.5-flash',
        system: 'Be kind. '.repeat(500),
      },
      endpoint: 'openrouter/router',
      model: 'google/gemini-2.5-flash',
      requestId: uuid(at + 500_000),
      finishReason: 'stop',
      usage: {
        promptTokens: 5_000,
        completionTokens: 120,
        totalTokens: 5_120,
        costUsd: 0.000123,
        estimated: false,
      },
      timing: {
        startedAt: 1_763_000_000_000 + at,
        firstTokenMs: 412.5,
        totalMs: 1_822.25,
        tokensPerSecond: 85.1,
      },
      context,
    }
    const body: Body = {
      ...entry(at + 1, { parts: [{ type: 'text', text }], ...(isAnswer && answer) }).body,
      at: at + 1,
      by,
      createdAt: 1_763_000_000_000 + at,
    }
    messages.set(uuid(at), { place, body })
  }
  return { ...emptyKept, messages }
}
const plan = (kept: Kept, before?: { kept: Kept; plan: PartPlan }): PartPlan =>
  planParts(
    kept,
    {
      saved: before?.kept ?? emptyKept,
      layout: before?.plan.layout ?? [],
      partCount: before?.plan.layout.length ?? 0,
      damaged: new Set(),
    },
    () => ({ revision: 1, by }),
  )
const limit = 256 * 1024

test('10,000 messages take at most 10 MiB, in parts of at most 256 KiB, and read back', () => {
  const long = longChat(10_000)
  const { parts } = plan(long)
  const size = parts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  expect(size).toBeLessThanOrEqual(10 * 1024 * 1024)
  for (const { text } of parts) expect(text.length).toBeLessThanOrEqual(limit)
  const reads = parts.map(({ text }) => readStored(text)?.kept ?? emptyKept)
  expect(mergeKept(emptyKept, ...reads)).toEqual(long)
})

test('an answer being written rewrites the last part only, and at most 256 KiB', () => {
  let kept = longChat(2_000)
  let done = plan(kept)
  const id = uuid(1_999)
  for (let round = 0; round < 40; round++) {
    const before = kept.messages.get(id)
    if (!before) throw new Error('no answer')
    const text = 'x'.repeat(round * 5_000)
    const after = { ...before, body: { ...before.body, parts: [{ type: 'text' as const, text }] } }
    const next = { ...kept, messages: new Map(kept.messages).set(id, after) }
    const written = plan(next, { kept, plan: done })
    for (const part of written.parts) expect(part.text.length).toBeLessThanOrEqual(limit)
    const isSplit = written.layout.length > done.layout.length
    const last = written.layout.length - 1
    // Where it no longer fits it moves on, once: then its old part and the first one, which counts, are written too.
    expect(written.parts.map(({ part }) => part)).toEqual(isSplit ? [last, last - 1, 0] : [last])
    kept = next
    done = written
  }
})

test('a message stays in the part where it was first put', () => {
  const kept = longChat(2_000)
  const first = plan(kept)
  const edited = { ...entry(3_000), place: kept.messages.get(uuid(3))?.place ?? entry(1).place }
  const next = {
    ...kept,
    messages: new Map(kept.messages).set(uuid(3), edited).set('new', entry(3_001)),
  }
  const written = plan(next, { kept, plan: first })
  expect(written.parts.map(({ part }) => part)).toEqual([first.layout.length - 1, 0])
  expect(written.layout[0]).toEqual(first.layout[0])
})

test('whatever is cut off between two parts, what was stored stays stored', () => {
  const kept = longChat(1_000)
  const first = plan(kept)
  const stored = new Map(first.parts.map(({ part, text }) => [part, text]))
  const bigger = { ...kept.messages.get(uuid(2)) }
  const grown = {
    ...entry(2),
    ...bigger,
    body: entry(5_000, { parts: [{ type: 'text', text: 'y'.repeat(200_000) }] }).body,
  }
  const next = { ...kept, messages: new Map(kept.messages).set(uuid(2), grown) }
  const { parts } = plan(next, { kept, plan: first })
  expect(parts.length).toBeGreaterThan(2)
  for (let cut = 0; cut <= parts.length; cut++) {
    const torn = new Map(stored)
    for (const { part, text } of parts.slice(0, cut)) torn.set(part, text)
    const read = mergeKept(
      emptyKept,
      ...[...torn.values()].map((text) => readStored(text)?.kept ?? emptyKept),
    )
    expect(read.messages.size).toBe(1_000)
  }
})

test('a message found in two parts is one, in the later one', () => {
  const [old, late] = [keptOf({ a: entry(1), b: entry(2) }), keptOf({ b: entry(3), c: entry(4) })]
  expect(layoutOf([old, late])).toEqual([['a'], ['b', 'c']])
})

test("a part's key is no conversation's key", () => {
  expect(partKey('user', 0)).toBe('fal-llm:chat:user')
  expect(partKey('user', 1)).not.toBe(partKey('user:1', 0))
})

test('toStoredChat and fromStoredChat are each other’s inverse, over JSON and readChat too', () => {
  expect(fromStoredChat(toStoredChat(whole))).toEqual(whole)
  expect(fromStoredChat(readChat(JSON.stringify(toStoredChat(whole))))).toEqual(whole)
  expect(fromStoredChat(readChat(toStoredChat(whole)))).toEqual(whole)
})

test('what did not come from readChat is refused, with what to do', () => {
  const parsed: StoredChat = JSON.parse(JSON.stringify(toStoredChat(whole)))
  expect(() => fromStoredChat(parsed)).toThrow(/readChat\(\) first/)
})
