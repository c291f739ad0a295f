import { inspect } from 'node:util'
import { createManualClock, settled, snapshotFrame, startByteServer } from '@fal-llm/testkit'
import type { Answer, ByteServer } from '@fal-llm/testkit'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import type { FalLlmOptions } from '../../generate/fal-llm.ts'
import { FalLlmError } from '../../errors.ts'
import type { GenerationEvent } from '../../events.ts'
import { createRedactor } from './redact.ts'

const servers: ByteServer[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const model = 'google/gemini-2.5-flash'
const secret = '0123456789abcdef0123456789abcdef'
const key = `b7d2ae9e-0000-4000-8000-000000000000:${secret}`

async function against(
  script: (answer: Answer, path: string) => void,
  options: FalLlmOptions = {},
) {
  const server = await startByteServer((answer, { path }) => script(answer, path))
  servers.push(server)
  return { server, llm: createFalLlm({ baseUrl: server.url, credentials: key, ...options }) }
}
const failureOf = (work: PromiseLike<unknown>): Promise<FalLlmError> =>
  Promise.resolve(work).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )
const everythingOf = (error: FalLlmError): string =>
  `${error.message} ${error.stack} ${error.requestId} ${JSON.stringify(error)} ${inspect(error, { depth: 20, showHidden: true })}`

test.each([
  ['a line break', 'key_id:sec\nret-of-mine'],
  ['a line break', 'key_id:sec\r\nx-other: header'],
  ['a NUL character', 'key_id:sec\0ret-of-mine'],
  ['a space', 'key_id: secret-of-mine'],
  ['a space', 'key_id:\u00a0secret-of-mine'],
  ['a character no key has', 'key_id:secret-of-mïne'],
  ['of type number', 5],
])('a key with %s is refused before a request, in our words and without it', async (flaw, bad) => {
  // What the type system refuses is what JavaScript callers pass.
  const credentials = bad as string
  for (const given of [credentials, async () => credentials]) {
    const { server, llm } = await against((answer) => answer.end(), { credentials: given })
    for (const mode of ['stream', 'run', 'queue'] as const) {
      const error = await failureOf(llm.generate({ model, prompt: 'Hi', mode }))
      expect(error).toMatchObject({ code: 'auth', maybeSubmitted: false })
      expect(error.message).toContain(flaw)
      if (typeof bad === 'string') expect(everythingOf(error)).not.toContain(bad.slice(-6))
    }
    expect(server.requests).toHaveLength(0)
  }
})

test('a broken key in the environment, and a token that is none, are refused the same', async () => {
  vi.stubEnv('FAL_KEY', 'key_id:sec\nret')
  const { server } = await against((answer) => answer.end())
  const llm = createFalLlm({ baseUrl: server.url })
  expect((await failureOf(llm.generate({ model, prompt: 'Hi' }))).message).toContain('line break')
  for (const token of ['', 'a\nb', undefined]) {
    const tokenProvider = async (): Promise<string> => token as string
    const other = createFalLlm({ baseUrl: server.url, tokenProvider })
    expect(await failureOf(other.generate({ model, prompt: 'Hi' }))).toMatchObject({
      code: 'auth',
      message: expect.stringContaining('tokenProvider'),
    })
  }
  expect(server.requests).toHaveLength(0)
})

const json = { 'content-type': 'application/json' }
const echo = JSON.stringify({ error: `no user for ${key}, or ${secret}` })
const echoes: readonly (readonly [string, (answer: Answer, path: string) => void])[] = [
  ['a refused body', (answer) => answer.head(401, json).write(echo).end()],
  [
    'a refused field',
    (answer) =>
      answer
        .head(422, json)
        .write(JSON.stringify({ detail: [{ loc: ['body', key], msg: secret, type: secret }] }))
        .end(),
  ],
  ['an error in a whole answer', (answer) => answer.head(200, json).write(echo).end()],
  [
    'an error in an event',
    (answer) =>
      answer
        .head()
        .write(snapshotFrame({ output: '', error: `key ${key}` }))
        .end(),
  ],
  [
    'an event named error',
    (answer) => answer.head().write(`event: error\ndata: ${echo}\n\n`).end(),
  ],
  [
    'a request id',
    (answer) =>
      answer
        .head(500, { ...json, 'x-fal-request-id': secret })
        .write('{}')
        .end(),
  ],
  [
    'the id of a stream that is cut',
    (answer) =>
      answer.head(200, { 'content-type': 'text/event-stream', 'x-fal-request-id': key }).end(),
  ],
  [
    'a refused submit that said 200',
    (answer) =>
      answer
        .head(200, json)
        .write(JSON.stringify({ detail: `bad ${key}` }))
        .end(),
  ],
  [
    'the status of a job',
    (answer, path) =>
      path.includes('/requests/')
        ? answer
            .head(200, json)
            .write(JSON.stringify({ status: 'COMPLETED', error: secret, logs: [{ message: key }] }))
            .end()
        : answer.head(200, json).write('{"request_id":"R"}').end(),
  ],
]
test.each(echoes)('rule 12: a key that comes back in %s is nowhere', async (name, script) => {
  const queued = name.includes('submit') || name.includes('job')
  for (const mode of queued ? (['queue'] as const) : (['stream', 'run', 'queue'] as const)) {
    const { llm } = await against(script)
    const request = { model, prompt: 'Hi', mode, follow: 'poll', logs: true, retry: false } as const
    const run = llm.generate(request)
    const events: GenerationEvent[] = []
    const error = await failureOf(
      (async () => {
        for await (const event of run) events.push(event)
      })(),
    )
    const all = `${everythingOf(error)} ${JSON.stringify(events)} ${run.requestId}`
    expect(all).not.toContain(secret)
  }
})

test('rule 12: a runtime that names the key in a cause, however deep, names it to nobody', async () => {
  const send: typeof fetch = async (_url, init) => {
    const headers = new Headers(init?.headers)
    const inner = Object.assign(new Error(`socket of ${secret} closed`), {
      config: { headers: { authorization: headers.get('authorization') } },
    })
    throw new TypeError('fetch failed', { cause: new AggregateError([inner], key) })
  }
  const llm = createFalLlm({ credentials: key, fetch: send, retry: false })
  for (const mode of ['stream', 'run', 'queue'] as const) {
    const error = await failureOf(llm.generate({ model, prompt: 'Hi', mode }))
    expect(error.code).toBe('network')
    expect(everythingOf(error)).not.toContain(secret)
  }
  const fal = await llm.fal()
  const error = await failureOf(fal.run('openrouter/router', { input: { model, prompt: 'Hi' } }))
  expect(everythingOf(error)).not.toContain(secret)
})

test('rule 12: a token that comes back is nowhere either', async () => {
  const token = `eyJhbGciOiJIUzI1NiJ9.${'x'.repeat(40)}`
  const { server } = await against((answer, path) =>
    answer
      .head(401, json)
      .write(JSON.stringify({ detail: `bad request ${path}` }))
      .end(),
  )
  const llm = createFalLlm({ baseUrl: server.url, tokenProvider: async () => token })
  const error = await failureOf(llm.generate({ model, prompt: 'Hi' }))
  expect(error.code).toBe('auth')
  expect(everythingOf(error)).not.toContain(token)
})

test.each(['emulator:any', 'a:b', 'x:secret', 'k:e', 'any', 'demo:1234567'])(
  'a key like %j garbles no word',
  async (credentials) => {
    const detail = 'Too many keys, any secret demo: a bee in company with 12345678 others'
    const { llm } = await against(
      (answer) => answer.head(422, json).write(JSON.stringify({ detail })).end(),
      { credentials },
    )
    expect((await failureOf(llm.generate({ model, prompt: 'Hi' }))).message).toBe(detail)
  },
)

test('a secret of a word’s length is replaced where it stands by itself, and only there', () => {
  const redactor = createRedactor()
  redactor.learn('demo:password')
  expect(redactor.redact('password, "password", demo:password.')).toBe('[key], "[key]", [key].')
  expect(redactor.redact('passwords passwordless my-password')).toBe(
    'passwords passwordless my-password',
  )
})

test('what is no secret passes unchanged, the very same object', () => {
  const redactor = createRedactor()
  redactor.learn(key)
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (message, value) => {
      const cause = Object.assign(new Error(message), { value })
      const error = new FalLlmError('provider', message, { cause, requestId: message })
      expect(redactor.redactError(error)).toBe(error)
    }),
  )
})

test('a key is taken out wherever it stands in an error', () => {
  const redactor = createRedactor()
  redactor.learn(key)
  const forms = fc.constantFrom(key, secret, encodeURIComponent(key), `Key ${key}`)
  fc.assert(
    fc.property(fc.string(), forms, fc.string(), fc.nat(3), (before, form, after, depth) => {
      const text = `${before}${form}${after}`
      let cause: unknown = { headers: [text] }
      for (let level = 0; level < depth; level++) cause = new Error(text, { cause })
      const error = redactor.redactError(
        new FalLlmError('provider', text, { cause, requestId: text }),
      )
      expect(everythingOf(error)).not.toContain(secret)
    }),
  )
})

test('credentials and tokenProvider have ten seconds, or callbackMs', async () => {
  const never = (): Promise<never> => new Promise(() => {})
  for (const options of [{ credentials: never }, { tokenProvider: never }]) {
    for (const callbackMs of [undefined, 3_000]) {
      const clock = createManualClock()
      const { server } = await against((answer) => answer.end())
      const llm = createFalLlm({ baseUrl: server.url, clock, timeouts: { callbackMs }, ...options })
      const failing = failureOf(llm.generate({ model, prompt: 'Hi' }))
      clock.advance(await clock.untilTimer((delayMs) => delayMs === (callbackMs ?? 10_000)))
      expect(await failing).toMatchObject({
        code: 'timeout',
        maybeSubmitted: false,
        message: expect.stringContaining('callbackMs'),
      })
      expect(server.requests).toHaveLength(0)
    }
  }
})

test('credentials that throw, or reject after their time, are reported once and never unhandled', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const clock = createManualClock()
  let reject: (error: Error) => void = () => {}
  const late = (): Promise<string> => new Promise((_resolve, fail) => (reject = fail))
  const llm = createFalLlm({ baseUrl: 'http://127.0.0.1:9', credentials: late, clock })
  const failing = failureOf(llm.generate({ model, prompt: 'Hi' }))
  clock.advance(await clock.untilTimer((delayMs) => delayMs === 10_000))
  expect((await failing).code).toBe('timeout')
  reject(new Error('too late'))
  const throwing = createFalLlm({
    credentials: () => {
      throw new Error('vault is sealed')
    },
  })
  expect(await failureOf(throwing.generate({ model, prompt: 'Hi' }))).toMatchObject({
    code: 'auth',
    message: 'credentials() failed: vault is sealed',
  })
  await settled()
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
