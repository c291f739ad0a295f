import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { defineEndpoint, endpoints } from '../../endpoints/index.ts'
import type { FalLlmError } from '../../errors.ts'
import type { ChatMessage } from '../state.ts'
import { createRequestBuilder } from './build-request.ts'
import type { RequestPlan } from './build-request.ts'
import { selectTurns } from './select-turns.ts'
import type { MemoryPolicy } from './select-turns.ts'
import { createTokenEstimator } from './token-estimator.ts'

const router = endpoints['openrouter/router']
const vision = endpoints['openrouter/router/vision']
const openAi = endpoints['openrouter/router/openai/v1/chat/completions']

afterEach(() => void vi.useRealTimers())

function turn(
  id: string,
  role: ChatMessage['role'],
  text: string,
  images: readonly string[] = [],
): ChatMessage {
  return {
    id,
    role,
    text,
    parts: [
      ...images.map((url) => ({ type: 'image', url }) as const),
      ...(text ? [{ type: 'text', text } as const] : []),
    ],
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
    endpoint: router,
    model: 'a/b',
    report: (error) => {
      throw error
    },
    ...fields,
  }
}
const build = (path: readonly ChatMessage[], fields?: Partial<RequestPlan>) =>
  createRequestBuilder().build(path, plan(fields))

const talk = [
  turn('1', 'user', 'x'.repeat(400)),
  turn('2', 'assistant', 'y'.repeat(400)),
  turn('3', 'user', 'z'.repeat(400)),
  turn('4', 'assistant', 'w'.repeat(400)),
  turn('5', 'user', 'and now?'),
]
/** Room for the last three turns of `talk`, without a summary. */
const small = { maxTokens: 300, reserveTokens: 0 }

test('an endpoint that takes messages gets messages, with the images where they were sent', async () => {
  const seen = turn('1', 'user', 'What is it?', ['https://x/y.png'])
  const path = [seen, turn('2', 'assistant', 'A cat'), turn('3', 'user', 'And its name?')]
  const { request, context } = await build(path, { endpoint: openAi, system: 'Be brief' })
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

test('an image without words has no empty text beside it', async () => {
  const { request } = await build([turn('1', 'user', '', ['https://x/y.png'])], {
    endpoint: openAi,
  })
  expect(request.messages).toEqual([
    { role: 'user', content: [{ type: 'image', url: 'https://x/y.png' }] },
  ])
})

test('rule 9: what does not fit is left out from the oldest on, and the report says where', async () => {
  const { request, context } = await build(talk, { memory: small })
  expect(context).toMatchObject({
    includedCount: 3,
    firstIncludedId: '3',
    pinnedIds: [],
    droppedCount: 2,
  })
  expect(context).not.toHaveProperty('droppedIds')
  expect(request.prompt).not.toContain('x')
  expect(request.prompt).toContain('z'.repeat(400))
})

test('rule 9: pinned turns and system turns older than the first sent one are named', async () => {
  const path = [turn('s', 'system', 'You are a pirate'), ...talk]
  const pin = (message: ChatMessage): boolean => message.id === '2'
  const { context, request } = await build(path, { memory: { ...small, maxTokens: 210, pin } })
  expect(context).toMatchObject({
    includedCount: 3,
    firstIncludedId: '5',
    pinnedIds: ['s', '2'],
    droppedCount: 3,
  })
  expect(request.system).toContain('You are a pirate')
  const whole = await build(path, { memory: false })
  expect(whole.context).toMatchObject({
    includedCount: 6,
    firstIncludedId: 's',
    pinnedIds: [],
    droppedCount: 0,
  })
})

test('the newest turn is sent however long', async () => {
  const { context } = await build(talk, { memory: { maxTokens: 0 } })
  expect(context).toMatchObject({ includedCount: 1, firstIncludedId: '5', droppedCount: 4 })
})

test('an option given as undefined is the default', async () => {
  // What a caller without exact types may give.
  const memory = { maxTokens: undefined, reserveTokens: undefined } as unknown as MemoryPolicy
  const long = [turn('0', 'user', 'x'.repeat(400_000)), turn('1', 'assistant', 'y'), talk[4]!]
  expect((await build(long, { memory })).context.droppedCount).toBe(2)
})

const openings = {
  'a system prompt': { system: 's'.repeat(400) },
  'a system turn': { first: turn('s', 'system', 's'.repeat(400)) },
}
test.each(Object.entries(openings))('maxTokens counts %s', async (_, opening) => {
  const { first, ...fields } = { first: undefined, ...opening }
  const path = first ? [first, ...talk] : talk
  expect((await build(path, { ...fields, memory: small })).context).toMatchObject({
    firstIncludedId: '5',
    droppedCount: 4,
  })
  const roomy = { ...small, maxTokens: small.maxTokens + 100 }
  const { context } = await build(path, { ...fields, memory: roomy })
  expect(context).toMatchObject({ droppedCount: 2 })
  expect(context.estimatedTokens).toBeLessThanOrEqual(roomy.maxTokens)
})

test('maxTokens counts the words that explain a transcript; messages need none', async () => {
  const tight = { ...small, maxTokens: 220 }
  expect((await build(talk, { memory: tight })).context.droppedCount).toBe(4)
  expect((await build(talk, { memory: tight, endpoint: openAi })).context.droppedCount).toBe(2)
})

test('whatever is sent besides the newest and pinned turns, the sum keeps to maxTokens', async () => {
  const path = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 12 })
  const summary = fc.option(fc.string({ unit: 'grapheme', maxLength: 2_000 }), { nil: undefined })
  const factor = fc.double({ min: 0.3, max: 3.9, noNaN: true })
  const inputs = [path, fc.nat(1_500), fc.string({ maxLength: 200 }), summary, factor] as const
  await fc.assert(
    fc.asyncProperty(...inputs, async (texts, maxTokens, system, said, factorOf) => {
      const turns = texts.map((text, index) =>
        turn(String(index), (texts.length - index) % 2 ? 'user' : 'assistant', text),
      )
      const builder = createRequestBuilder()
      const reported = { completionTokens: 0, totalTokens: 0, costUsd: 0, estimated: false }
      const taught = await builder.build([turn('t', 'user', 'x'.repeat(4_000))], plan())
      builder.learn(taught, { ...reported, promptTokens: Math.round(1_000 * factorOf) })
      const memory = {
        maxTokens,
        reserveTokens: 0,
        ...(said !== undefined && { summarize: () => Promise.resolve(said) }),
      }
      const { context } = await builder.build(turns, plan({ system, memory }))
      if (context.includedCount > 1) expect(context.estimatedTokens).toBeLessThanOrEqual(maxTokens)
    }),
    { numRuns: 300 },
  )
})

test('images of earlier turns go out again on a prompt endpoint, in their order', async () => {
  const path = [
    turn('1', 'user', 'What is it?', ['https://x/1.png']),
    turn('2', 'assistant', 'A cat'),
    turn('3', 'user', 'And these?', ['https://x/2.png', 'data:image/png;base64,eA==']),
  ]
  const { request, context } = await build(path, { endpoint: vision })
  expect(request.images).toEqual([
    'https://x/1.png',
    'https://x/2.png',
    'data:image/png;base64,eA==',
  ])
  expect(context.droppedFiles).toEqual([])
})

test("images beyond the endpoint's limit are left out, the oldest first, and named", async () => {
  const urls = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `https://x/${from + index}.png`)
  const named: ChatMessage = {
    ...turn('0', 'user', 'Look'),
    parts: [
      { type: 'image', url: 'https://x/long', name: 'cat.png' },
      { type: 'image', url: `data:image/webp;base64,${'A'.repeat(1_000)}` },
    ],
  }
  const path = [named, turn('1', 'assistant', 'Yes'), turn('2', 'user', 'These', urls(1, 8))]
  const { request, context } = await build(path, { endpoint: vision })
  expect(request.images).toEqual(urls(3, 8))
  expect(context.droppedFiles).toEqual([
    'https://x/2.png',
    'https://x/1.png',
    'data:image/webp;base64',
    'cat.png',
  ])
  const own = defineEndpoint({ ...vision, limits: {} })
  expect((await build(path, { endpoint: own })).request.images).toHaveLength(10)
})

test('at most twenty images are named, the newest', async () => {
  const urls = Array.from({ length: 40 }, (_, index) => `https://x/${index}.png`)
  const { context } = await build([turn('1', 'user', 'These', urls)], { endpoint: vision })
  expect(context.droppedFiles).toHaveLength(20)
  expect(context.droppedFiles[0]).toBe('https://x/33.png')
})

test('images of turns that are left out, or lost with their page, are named too', async () => {
  const path = [turn('1', 'user', 'x'.repeat(400), ['https://x/1.png']), ...talk.slice(1)]
  const { request, context } = await build(path, { endpoint: vision, memory: small })
  expect(request.images).toBeUndefined()
  expect(context.droppedFiles).toEqual(['https://x/1.png'])
  const lost = [turn('1', 'user', 'This', ['', 'https://x/2.png']), ...talk.slice(3)]
  const built = await build(lost, { endpoint: vision })
  expect(built.request.images).toEqual(['https://x/2.png'])
  expect(built.context.droppedFiles).toEqual(['image'])
})

test('where no images are looked at, earlier ones are left out and new ones are still refused', async () => {
  const earlier = [turn('1', 'user', 'What is it?', ['https://x/1.png']), ...talk.slice(3)]
  const { request, context } = await build(earlier)
  expect(request.images).toBeUndefined()
  expect(context.droppedFiles).toEqual(['https://x/1.png'])
  expect((await build(earlier.slice(0, 1))).request.images).toEqual(['https://x/1.png'])
})

test('an answer is gone on with: its words are the last turn, and its question is sent with it', async () => {
  const path = [...talk, turn('6', 'assistant', 'Now, ')]
  const messages = await build(path, { endpoint: openAi, continues: true })
  // Anthropic's models refuse a last assistant turn that ends with white space.
  expect(messages.request.messages?.at(-1)).toEqual({ role: 'assistant', content: 'Now,' })
  expect(messages.request.system).toBeUndefined()
  const prompt = await build(path, { continues: true, memory: { maxTokens: 0 } })
  expect(prompt.request.prompt).toBe('User: and now?\n\nAssistant: Now, ')
  expect(prompt.request.system).toContain('Go on exactly where it ends')
  expect(prompt.request.system).not.toContain('Write the next turn')
  expect(prompt.context).toMatchObject({ includedCount: 2, firstIncludedId: '5' })
})

test('an answer without words is asked for anew', async () => {
  const empty = turn('6', 'assistant', '')
  const { request } = await build([...talk, empty], { continues: true })
  expect(request.prompt).toMatch(/\n\nUser: and now\?$/)
  expect(request.system).toContain('Write the next turn')
})

const summarized = { ...small, maxTokens: 400 }

test('a summary of what was left out goes before the history', async () => {
  const memory = { ...summarized, summarize: async () => 'they spoke of x' }
  const { request, context } = await build(talk, { memory })
  expect(request.system).toContain('they spoke of x')
  expect(context).toMatchObject({ firstIncludedId: '3', droppedCount: 2 })
})

test('a summary that is longer than a quarter of the tokens is cut there', async () => {
  const memory = { ...summarized, summarize: async () => 's'.repeat(4_000) }
  const { request, context } = await build(talk, { memory })
  expect(request.system).toMatch(/s{300,400}$/)
  expect(context.estimatedTokens).toBeLessThanOrEqual(summarized.maxTokens)
  expect(context.includedCount).toBe(3)
})

test('a summary is cut between characters, and never counts as more than is kept for it', async () => {
  for (const factor of [1, 0.3, 3.3]) {
    const builder = createRequestBuilder()
    const taught = await builder.build([turn('t', 'user', 'x'.repeat(4_000))], plan())
    const promptTokens = Math.round(1_000 * factor)
    const usage = { completionTokens: 0, totalTokens: 0, costUsd: 0, estimated: false }
    builder.learn(taught, { ...usage, promptTokens })
    for (let maxTokens = 100; maxTokens < 1_000; maxTokens += 13) {
      const path = [
        talk[0]!,
        talk[1]!,
        turn('3', 'user', 'Hi'),
        turn('4', 'assistant', 'Hi'),
        talk[4]!,
      ]
      const memory = { maxTokens, reserveTokens: 0, summarize: async () => '🙂'.repeat(1_000) }
      const { request, context } = await builder.build(path, plan({ memory, endpoint: openAi }))
      // It throws for half a character.
      expect(() => encodeURIComponent(request.system ?? '')).not.toThrow()
      if (context.includedCount > 1) expect(context.estimatedTokens).toBeLessThanOrEqual(maxTokens)
    }
  }
})

test('a set of turns is summed up once, one that is still awaited too', async () => {
  const summarize = vi.fn(async (dropped: readonly ChatMessage[]) => `${dropped.length} turns`)
  const builder = createRequestBuilder()
  const memory = { ...summarized, summarize }
  await Promise.all([builder.build(talk, plan({ memory })), builder.build(talk, plan({ memory }))])
  const copies = talk.map((message) => ({ ...message }))
  const { request } = await builder.build(copies, plan({ memory }))
  expect(request.system).toContain('2 turns')
  expect(summarize).toHaveBeenCalledOnce()
  const longer = [...talk, turn('6', 'assistant', 'w'.repeat(400)), turn('7', 'user', 'and now?')]
  expect((await builder.build(longer, plan({ memory }))).request.system).toContain('4 turns')
  expect(summarize).toHaveBeenCalledTimes(2)
})

test('nothing is summed up where nothing is left out', async () => {
  const summarize = vi.fn(async () => 'nothing')
  await build(talk, { memory: { summarize } })
  expect(summarize).not.toHaveBeenCalled()
})

const failures: Record<string, () => Promise<string>> = {
  rejects: () => Promise.reject(new Error('no summary')),
  throws: () => {
    throw new Error('no summary')
  },
  // What a caller without types may give.
  'says no text': () => Promise.resolve(5 as unknown as string),
}
test.each(Object.entries(failures))(
  'a summary that %s is reported and left out, and asked for again with the next turn',
  async (_, fail) => {
    const report = vi.fn<(error: FalLlmError) => void>()
    const summarize = vi.fn(fail)
    const builder = createRequestBuilder()
    const fields = plan({ report, memory: { ...summarized, summarize } })
    const { request } = await builder.build(talk, fields)
    expect(request.prompt).toContain('and now?')
    expect(request.system).not.toContain('in short')
    expect(report).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'FalLlmError' }))
    await builder.build(talk, fields)
    expect(summarize).toHaveBeenCalledTimes(2)
  },
)

test('rule 29: a summary that hangs is left out after its limit, and may reject late', async () => {
  vi.useFakeTimers()
  const report = vi.fn<(error: FalLlmError) => void>()
  let rejectLate: (error: Error) => void = () => {}
  const late = new Promise<string>((_, reject) => {
    rejectLate = reject
  })
  const fields = { report, memory: { ...summarized, summarize: () => late } }
  const building = build(talk, fields)
  await vi.advanceTimersByTimeAsync(9_999)
  expect(report).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect((await building).request.system).not.toContain('in short')
  expect(report).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'timeout' }))
  rejectLate(new Error('too late'))
  await vi.advanceTimersByTimeAsync(0)
  expect(report).toHaveBeenCalledTimes(2)
  expect(report.mock.lastCall?.[0].message).toBe('too late')
})

test.each([
  [20, 20],
  [Infinity, 2 ** 31 - 1],
])('a limit of %d ms for a summary ends after %d', async (callbackMs, afterMs) => {
  vi.useFakeTimers()
  const report = vi.fn<(error: FalLlmError) => void>()
  const memory = { ...summarized, summarize: () => new Promise<string>(() => {}) }
  const building = build(talk, { report, callbackMs, memory })
  await vi.advanceTimersByTimeAsync(afterMs - 1)
  expect(report).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  await building
  expect(report).toHaveBeenCalledOnce()
})

test('a summary in time leaves no timer behind', async () => {
  vi.useFakeTimers()
  await build(talk, { memory: { ...summarized, summarize: async () => 'short' } })
  expect(vi.getTimerCount()).toBe(0)
})

test('an estimate says what would be sent and what would not, and asks nobody', async () => {
  const summarize = vi.fn(async () => 'they spoke of x')
  const memory = { ...summarized, summarize }
  const builder = createRequestBuilder()
  const estimate = builder.estimate(talk, { model: 'a/b', memory })
  expect(summarize).not.toHaveBeenCalled()
  expect(estimate).toMatchObject({ firstIncludedId: '3', droppedIds: ['1', '2'], droppedCount: 2 })
  const { context } = await builder.build(talk, plan({ memory }))
  const { droppedIds: _, estimatedTokens: __, ...facts } = estimate
  expect(context).toMatchObject(facts)
})

test('an estimate of nothing is nothing, and one of a new image counts it as sent', () => {
  const builder = createRequestBuilder()
  expect(builder.estimate([], {})).toMatchObject({ includedCount: 0, firstIncludedId: undefined })
  const path = [turn('1', 'user', 'These', ['', '', '', '', '', '', ''])]
  expect(builder.estimate(path, { endpoint: vision }).droppedFiles).toEqual(['image'])
})

test('what was learned about a model counts in its estimates', async () => {
  const builder = createRequestBuilder()
  const path = [turn('1', 'user', 'x'.repeat(4_000))]
  const built = await builder.build(path, plan())
  const usage = { completionTokens: 1, totalTokens: 2_001, costUsd: 0, estimated: false }
  builder.learn(built, { ...usage, promptTokens: 2_000 })
  expect(builder.estimate(path, plan()).estimatedTokens).toBeGreaterThan(1_990)
})

test('whatever the budget, the newest turn is sent and every turn is accounted for', () => {
  const turns = fc.array(fc.nat(50), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(turns, fc.nat(300), fc.nat(5), (lengths, tokens, pinEvery) => {
      const path = lengths.map((length, index) =>
        turn(
          String(index),
          (lengths.length - index) % 2 ? 'user' : 'assistant',
          'x'.repeat(length),
        ),
      )
      const pin = (message: ChatMessage): boolean =>
        pinEvery > 0 && Number(message.id) % pinEvery === 0
      const { included, dropped } = selectTurns(path, { pin }, tokens, ({ text }) => text.length)
      expect(included).toContain(path.at(-1))
      expect(path.filter(pin).every((message) => included.includes(message))).toBe(true)
      expect([...included, ...dropped].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(path)
      const free = included.filter((message) => !pin(message) && message !== path.at(-1))
      const total = included.reduce((sum, { text }) => sum + text.length, 0)
      if (free.length > 0) expect(total).toBeLessThanOrEqual(tokens)
    }),
  )
})

test('the report always adds up to the path', async () => {
  const role = fc.constantFrom<ChatMessage['role']>('system', 'user', 'assistant')
  const path = fc.array(fc.tuple(role, fc.nat(200)), { minLength: 1, maxLength: 14 })
  fc.assert(
    fc.property(path, fc.nat(500), fc.nat(4), (shapes, maxTokens, pinEvery) => {
      const messages = [...shapes, ['user', 9] as const].map(([speaker, length], index) =>
        turn(String(index), speaker, 'x'.repeat(length + 1)),
      )
      const pin = ({ id }: ChatMessage): boolean => pinEvery > 0 && Number(id) % pinEvery === 0
      const memory = { maxTokens, reserveTokens: 0, pin }
      const report = createRequestBuilder().estimate(messages, { memory })
      const ids = messages.map(({ id }) => id)
      const stretch = ids.slice(ids.indexOf(report.firstIncludedId ?? ''))
      const all = [...report.pinnedIds, ...stretch, ...(report.droppedIds ?? [])]
      expect(all.sort((a, b) => Number(a) - Number(b))).toEqual(ids)
      expect(report.includedCount).toBe(report.pinnedIds.length + stretch.length)
      expect(report.droppedCount).toBe(report.droppedIds?.length)
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

test.each(['__proto__', 'constructor', 'toString'])('a model named %s is a name', (model) => {
  const estimator = createTokenEstimator()
  const text = 'a'.repeat(4_000)
  expect(estimator.estimate(text, model)).toBe(1_000)
  estimator.learn(text, model, NaN)
  estimator.learn(text, model, 2_000)
  expect(estimator.estimate(text, model)).toBe(2_000)
  expect(estimator.estimate(text, 'valueOf')).toBe(1_000)
})
