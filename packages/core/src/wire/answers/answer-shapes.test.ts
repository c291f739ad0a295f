// Answers of every wrong shape on every route: what fal sends with HTTP 200 is not an answer because of that.

import { startByteServer } from '@fal-llm/testkit'
import type { Answer, ByteServer, ReceivedRequest } from '@fal-llm/testkit'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import { FalLlmError } from '../../errors.ts'
import type { GenerationResult } from '../../events.ts'

const servers: ByteServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const json = { 'content-type': 'application/json' }
const kinds = {
  prompt: 'openrouter/router',
  messages: 'openrouter/router/openai/v1/chat/completions',
} as const
type Kind = keyof typeof kinds

/** How an answer reaches a caller. */
const routes = {
  run: { mode: 'run', answer: sendJson },
  'stream, as one event': { mode: 'stream', answer: sendEvent },
  'stream, as JSON': { mode: 'stream', answer: sendJson },
  queue: { mode: 'queue', answer: sendJson },
} as const
type Route = keyof typeof routes
// The keys of a literal are what its type says.
const routeNames = Object.keys(routes) as Route[]

function sendJson(answer: Answer, body: string): void {
  answer.head(200, json).write(body).end()
}
function sendEvent(answer: Answer, body: string, kind: Kind): void {
  answer.head().write(`data: ${body}\n\n`)
  answer.write(kind === 'messages' ? 'data: [DONE]\n\n' : '').end()
}

interface Asked {
  readonly kind: Kind
  readonly route: Route
  /** JSON text of the answer. */
  readonly body: string
  /** What the job's last status says besides its name. */
  readonly status?: object
}

async function ask({ kind, route, body, status = {} }: Asked): Promise<GenerationResult> {
  const { mode, answer: send } = routes[route]
  const server = await startByteServer((answer, request) => {
    const call = callOf(request)
    if (call === 'answer') return send(answer, body, kind)
    const job = { request_id: 'R', response_url: 'https://queue.fal.run/r', ...status }
    if (call === 'submit') return sendJson(answer, JSON.stringify({ ...job, status: 'IN_QUEUE' }))
    const completed = JSON.stringify({ ...job, status: 'COMPLETED', logs: [] })
    if (call === 'status-stream') return answer.head().write(`data: ${completed}\n\n`).end()
    return sendJson(answer, completed)
  })
  servers.push(server)
  const llm = createFalLlm({ baseUrl: server.url, credentials: 'key:secret' })
  return llm.generate({
    endpoint: kinds[kind],
    model: 'google/gemini-2.5-flash',
    mode,
    ...(kind === 'prompt' ? { prompt: 'Hi' } : { messages: [{ role: 'user', content: 'Hi' }] }),
  })
}

function callOf({ method, path }: ReceivedRequest): string {
  if (!path.startsWith('/queue.fal.run/')) return 'answer'
  if (method === 'POST') return 'submit'
  if (path.includes('/status/stream')) return 'status-stream'
  return path.includes('/status') ? 'status' : 'answer'
}
const failureOf = (asked: Asked): Promise<FalLlmError> =>
  ask(asked).then(
    (result) => Promise.reject(new Error(`it succeeded: ${JSON.stringify(result)}`)),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )

/** A wrong shape, and what its error must say of it. */
type WrongShape = readonly [body: string, says: string]
const anywhere: readonly WrongShape[] = [
  ['{}', '{}'],
  ['{"detail":"Request is still in progress"}', 'detail: "Request is still in progress"'],
  ['{"detail":[{"loc":["body"],"msg":"no","input":"my prompt"}]}', 'detail: a list'],
  ['{"images":[{"url":"https://x/y.png"}],"prompt":"my prompt"}', 'images: a list, prompt: text'],
  ['{"status":"COMPLETED","response":{"output":"Hi"}}', 'status: "COMPLETED", response: {…}'],
  ['{"partial":false,"error":null}', 'partial: false, error: null'],
  ['null', 'null'],
  ['7', '7'],
  ['"Hi"', 'text'],
  ['[]', 'a list'],
  ['[{"output":"Hi"}]', 'a list'],
]
const wrongShapes: Readonly<Record<Kind, readonly WrongShape[]>> = {
  prompt: [
    ...anywhere,
    ['{"output":null}', 'output: null'],
    ['{"output":7}', 'output: 7'],
    ['{"output":{"text":"Hi"}}', 'output: {…}'],
    ['{"output":["Hi"]}', 'output: a list'],
    ['{"output":true,"partial":false}', 'output: true'],
    ['{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}', 'choices: a list'],
  ],
  messages: [
    ...anywhere,
    ['{"output":"Hi","partial":false}', 'output: text'],
    ['{"choices":null}', 'choices: null'],
    ['{"choices":[]}', 'choices: a list'],
    ['{"choices":{}}', 'choices: {}'],
    ['{"choices":[7]}', 'choices: a list'],
    ['{"choices":[{}]}', 'choices: a list'],
    ['{"choices":[{"finish_reason":"stop"}]}', 'choices: a list'],
    ...['null', '7', '{"text":"Hi"}'].flatMap((content): WrongShape[] => [
      [
        `{"choices":[{"message":{"content":${content}},"finish_reason":"stop"}]}`,
        'choices: a list',
      ],
      [`{"choices":[{"delta":{"content":${content}},"finish_reason":"stop"}]}`, 'choices: a list'],
    ]),
  ],
}

describeCases(
  wrongShapes,
  'rule 30: an answer without words is `provider`, and says what came',
  async (asked, says) => {
    const error = await failureOf(asked)
    expect(error).toMatchObject({ code: 'provider', requestId: expect.any(String) })
    expect(error.message).toContain(says)
    expect(error.message).not.toContain('my prompt')
  },
)

/** One test per kind and route: the shapes are its table. */
function describeCases(
  shapes: Readonly<Record<Kind, readonly (readonly [body: string, says: string])[]>>,
  name: string,
  check: (asked: Asked, says: string) => Promise<void>,
): void {
  const cases = (['prompt', 'messages'] as const).flatMap((kind) =>
    routeNames.map((route) => [kind, route] as const),
  )
  test.each(cases)(`${name} (%s, %s)`, async (kind, route) => {
    for (const [body, says] of shapes[kind]) await check({ kind, route, body }, says)
  })
}

const choice = (words: object, reason: string): string =>
  JSON.stringify({ choices: [{ message: words, delta: words, finish_reason: reason }] })
describeCases(
  {
    prompt: [
      ['{"output":"","partial":false,"error":null}', ''],
      ['{"output":"Hi","partial":false,"reasoning":null}', 'Hi'],
      ['{"output":"Hi","usage":{"cost":0.1},"error":""}', 'Hi'],
    ],
    messages: [
      [choice({ content: '' }, 'stop'), ''],
      [choice({ content: 'Hi' }, 'stop'), 'Hi'],
      [choice({ content: null, refusal: 'I must not' }, 'stop'), 'I must not'],
      // The reason says why there are no words.
      [choice({ content: null, reasoning: 'Hm' }, 'length'), ''],
      [choice({ content: null }, 'content_filter'), ''],
    ],
  },
  'rule 30: an answer that fal calls complete is `done`, also when it has no letters',
  async (asked, text) => expect(await ask(asked)).toMatchObject({ text }),
)

test.each(routeNames)('an answer that only calls tools is an answer (%s)', async (route) => {
  const tool_calls = [{ index: 0, id: 'c', function: { name: 'time', arguments: '{}' } }]
  const body = choice({ content: null, tool_calls }, 'tool_calls')
  expect(await ask({ kind: 'messages', route, body })).toMatchObject({
    text: '',
    finishReason: 'tool-calls',
    toolCalls: [{ id: 'c', name: 'time', arguments: '{}' }],
  })
})

test('what an answer without words cost is still known, and what the model thought is kept', async () => {
  const body = '{"output":null,"reasoning":"Hm","usage":{"cost":0.1}}'
  for (const route of routeNames) {
    expect(await failureOf({ kind: 'prompt', route, body })).toMatchObject({
      code: 'provider',
      partial: { text: '', reasoning: 'Hm' },
    })
  }
})

const failed = { error: 'Runner disconnected', error_type: 'runner_disconnected' }
test.each(['{}', '{"output":""}', '{"output":null}', 'null', '{"detail":"no"}'])(
  'a job that is COMPLETED with an error and has the result %s is that error',
  async (body) => {
    const asked = { kind: 'prompt', route: 'queue', body, status: failed } as const
    expect(await failureOf(asked)).toMatchObject({
      code: 'provider',
      message: 'Runner disconnected',
      requestId: 'R',
    })
    const slow = { error: 'Request timed out', error_type: 'request_timeout' }
    expect(await failureOf({ ...asked, status: slow })).toMatchObject({ code: 'timeout' })
  },
)

test('a job that is COMPLETED with an error and has an answer all the same is that answer', async () => {
  const asked = { kind: 'prompt', route: 'queue', body: '{"output":"Hi"}', status: failed } as const
  expect((await ask(asked)).text).toBe('Hi')
})

test('whatever JSON comes, the answer has its words or is an error with a short message', async () => {
  const bodies: string[] = []
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), (body) => void bodies.push(body)),
    {
      numRuns: 60,
    },
  )
  const huge = JSON.stringify({ detail: 'x'.repeat(100_000), ['k'.repeat(100_000)]: 1 })
  for (const body of [...bodies, huge]) {
    for (const route of routeNames) {
      const error = await failureOf({ kind: 'messages', route, body })
      expect(['provider', 'invalid-input']).toContain(error.code)
      expect(error.message.length).toBeLessThan(1_000)
    }
  }
}, 20_000)
