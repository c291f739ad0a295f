import { startByteServer } from '@fal-llm/testkit'
import type { Answer, ByteServer } from '@fal-llm/testkit'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import { FalLlmError } from '../../errors.ts'
import type { GenerationEvent, ToolCallFragment } from '../../events.ts'
import { createCompletionReader } from './completions.ts'

const servers: ByteServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const endpoint = 'openrouter/router/openai/v1/chat/completions' as const
const model = 'google/gemini-2.5-flash'

async function ask(script: (answer: Answer) => void, mode: 'stream' | 'run' = 'stream') {
  const server = await startByteServer((answer) => script(answer))
  servers.push(server)
  const llm = createFalLlm({ baseUrl: server.url, credentials: 'key:secret' })
  const run = llm.generate({
    endpoint,
    model,
    mode,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What?' },
          { type: 'image', url: 'https://x/y.png' },
        ],
      },
    ],
    system: 'Be brief',
    params: { maxTokens: 5, top_p: 0.5 },
  })
  return { server, run }
}
const failureOf = (run: PromiseLike<unknown>): Promise<FalLlmError> =>
  Promise.resolve(run).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )
function chunk(delta: object, rest: object = {}, choice: object = {}): string {
  const body = {
    id: 'gen-1',
    object: 'chat.completion.chunk',
    model,
    choices: [{ index: 0, delta, finish_reason: null, ...choice }],
    ...rest,
  }
  return `data: ${JSON.stringify(body)}\n\n`
}
const usage = { prompt_tokens: 40, completion_tokens: 227, total_tokens: 267, cost: 0.0005795 }
const stop = chunk({ content: '' }, {}, { finish_reason: 'stop' })

test('deltas, comments, reasoning, late usage with an empty delta, [DONE]', async () => {
  const { run, server } = await ask((answer) => {
    answer.head()
    answer.write(': OPENROUTER PROCESSING\n\n')
    answer.write(chunk({ role: 'assistant', content: '', reasoning: 'Let me see' }))
    answer
      .write(chunk({ content: 'Hel' }))
      .write(chunk({ content: 'lo' }))
      .write(stop)
    answer.write(chunk({ role: 'assistant', content: '' }, { usage })).write('data: [DONE]\n\n')
  })
  expect(await run).toMatchObject({
    text: 'Hello',
    reasoning: 'Let me see',
    finishReason: 'stop',
    usage: { costUsd: 0.0005795, totalTokens: 267, estimated: false },
  })
  expect(server.requests[0]).toMatchObject({ path: `/fal.run/${endpoint}` })
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
    model,
    stream: true,
    max_tokens: 5,
    top_p: 0.5,
    messages: [
      { role: 'system', content: 'Be brief' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What?' },
          { type: 'image_url', image_url: { url: 'https://x/y.png' } },
        ],
      },
    ],
  })
})

test('usage on the finish chunk, and no choices on the last one', async () => {
  const { run } = await ask((answer) => {
    answer
      .head()
      .write(chunk({ content: 'Hi' }))
      .write(chunk({}, { usage }, { finish_reason: 'length' }))
    answer.write('data: {"choices":[]}\n\n').end()
  })
  expect(await run).toMatchObject({
    text: 'Hi',
    finishReason: 'length',
    usage: { totalTokens: 267 },
  })
})

test.each([
  ['finish_reason without [DONE]', stop],
  ['[DONE] without finish_reason', 'data: [DONE]\n\n'],
])('rule 1: %s is a whole answer', async (_name, ending) => {
  const { run } = await ask((answer) =>
    answer
      .head()
      .write(chunk({ content: 'Hi' }))
      .write(ending)
      .end(),
  )
  expect((await run).text).toBe('Hi')
})

test('rule 1: without either it is interrupted, with the words so far', async () => {
  const { run } = await ask((answer) =>
    answer
      .head()
      .write(chunk({ content: 'Hi' }))
      .end(),
  )
  expect(await failureOf(run)).toMatchObject({ code: 'interrupted', partial: { text: 'Hi' } })
})

test('a connection that breaks after finish_reason takes nothing from the answer', async () => {
  const { run } = await ask((answer) => {
    answer
      .head()
      .write(chunk({ content: 'Hi' }))
      .write(stop)
    setImmediate(() => answer.reset())
  })
  expect((await run).text).toBe('Hi')
})

test('rule 1: an error in mid-stream is an error, on HTTP 200 too', async () => {
  const broken = chunk(
    { content: ' there' },
    { error: { code: 'server_error', message: 'Provider disconnected' } },
    { finish_reason: 'error' },
  )
  const { run } = await ask((answer) =>
    answer
      .head()
      .write(chunk({ content: 'Hi' }))
      .write(broken)
      .end(),
  )
  expect(await failureOf(run)).toMatchObject({
    code: 'provider',
    message: 'Provider disconnected',
    partial: { text: 'Hi there' },
  })
})

test('an error before the tokens, in OpenRouter’s words and in fal’s', async () => {
  const json = { 'content-type': 'application/json' }
  const { run } = await ask((answer) =>
    answer.head(402, json).write('{"error":{"code":402,"message":"No credits"}}').end(),
  )
  expect(await failureOf(run)).toMatchObject({
    code: 'forbidden',
    message: 'No credits',
    status: 402,
  })
  const { run: other } = await ask((answer) =>
    answer.head(401, json).write('{"detail":"No user found for Key ID and Secret"}').end(),
  )
  expect(await failureOf(other)).toMatchObject({
    code: 'auth',
    message: 'No user found for Key ID and Secret',
  })
  const { run: third } = await ask(
    (answer) =>
      answer
        .head(200, json)
        .write('{"error":{"code":429,"message":"Slow down"},"user_id":"u"}')
        .end(),
    'run',
  )
  expect(await failureOf(third)).toMatchObject({ code: 'rate-limited', message: 'Slow down' })
})

test('an answer that is not streamed', async () => {
  const body = {
    choices: [
      { message: { role: 'assistant', content: 'Hello', reasoning: null }, finish_reason: 'stop' },
    ],
    usage,
  }
  const { run } = await ask(
    (answer) =>
      answer.head(200, { 'content-type': 'application/json' }).write(JSON.stringify(body)).end(),
    'run',
  )
  expect(await run).toMatchObject({ text: 'Hello', usage: { costUsd: 0.0005795 } })
})

test('tool calls come in fragments and are put together on the result', async () => {
  const { run } = await ask((answer) => {
    answer.head()
    answer.write(
      chunk({
        tool_calls: [
          {
            index: 0,
            id: 'call_1',
            type: 'function',
            function: { name: 'weather', arguments: '{"ci' },
          },
        ],
      }),
    )
    answer.write(
      chunk({
        tool_calls: [
          { index: 1, id: 'call_2', function: { name: 'time', arguments: '{}' } },
          { index: 0, id: null, function: { arguments: 'ty":"Rome"}' } },
        ],
      }),
    )
    answer.write(chunk({}, {}, { finish_reason: 'tool_calls' })).write('data: [DONE]\n\n')
  })
  expect(await run).toMatchObject({
    finishReason: 'tool-calls',
    toolCalls: [
      { id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
      { id: 'call_2', name: 'time', arguments: '{}' },
    ],
  })
})

test.each(['constructor', '__proto__', 'new_reason'])(
  'a finish_reason that is not known (%s) is the reason "unknown"',
  async (finish_reason) => {
    const { run } = await ask((answer) =>
      answer
        .head()
        .write(chunk({ content: 'Hi' }, {}, { finish_reason }))
        .end(),
    )
    expect(await run).toMatchObject({ text: 'Hi', finishReason: 'unknown' })
  },
)

test('an event named error is an error, and a type that is written otherwise is the same type', async () => {
  const { run } = await ask((answer) =>
    answer
      .head(200, { 'content-type': 'Text/Event-Stream; charset=utf-8' })
      .write('event: error\ndata: {"error":{"code":429,"message":"Slow down"}}\n\n')
      .end(),
  )
  expect(await failureOf(run)).toMatchObject({ code: 'rate-limited', message: 'Slow down' })
  const { run: other } = await ask((answer) =>
    answer.head().write('event: error\ndata: {"detail":"Gone"}\n\n').end(),
  )
  expect(await failureOf(other)).toMatchObject({ code: 'provider', message: 'Gone' })
})

test('whatever a chunk holds, reading it either works or throws a FalLlmError, and no prototype changes', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 5 })), (chunks) => {
      const events: (GenerationEvent | ToolCallFragment)[] = []
      const reader = createCompletionReader(endpoint, 'r', (event) => events.push(event))
      for (const value of chunks) {
        try {
          reader.read({
            choices: [{ delta: value, finish_reason: value }],
            usage: value,
            error: null,
          })
          reader.read(value)
        } catch (error) {
          expect(error).toBeInstanceOf(FalLlmError)
        }
      }
      expect(Object.keys(Object.prototype)).toEqual([])
    }),
  )
})
