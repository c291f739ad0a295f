// Rule 31: `maybeSubmitted` is false only where nothing can have been accepted.

import { createManualClock, settled, startByteServer, until } from '@fal-llm/testkit'
import type { Answer, ByteServer } from '@fal-llm/testkit'
import { afterEach, expect, test } from 'vitest'
import { createFalLlm } from '../create-fal-llm.ts'
import { FalLlmError } from '../errors.ts'

const servers: ByteServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const model = 'google/gemini-2.5-flash'
const json = { 'content-type': 'application/json' }
const html = { 'content-type': 'text/html' }

async function against(script: (answer: Answer) => void) {
  const server = await startByteServer(script)
  servers.push(server)
  const clock = createManualClock()
  const llm = createFalLlm({ baseUrl: server.url, credentials: 'key:secret', clock })
  const calls = {
    submit: () => llm.submit({ model, prompt: 'Hi' }),
    queue: () => llm.generate({ model, prompt: 'Hi', mode: 'queue' }),
    run: () => llm.generate({ model, prompt: 'Hi', mode: 'run' }),
  }
  return { server, clock, llm, calls }
}
const failureOf = (work: PromiseLike<unknown>): Promise<FalLlmError> =>
  Promise.resolve(work).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )

const broken: readonly (readonly [string, (answer: Answer) => void])[] = [
  ['500', (answer) => answer.head(500, json).write('{"detail":"Internal Server Error"}').end()],
  ['502', (answer) => answer.head(502, html).write('<html>').end()],
  ['504', (answer) => answer.head(504).end()],
  ['520', (answer) => answer.head(520, html).end()],
  ['a reset', (answer) => answer.reset()],
  [
    '200 and a body that is reset',
    (answer) => {
      answer.head(200, { ...json, 'content-length': '400' }).write('{"request_id":"R')
      setImmediate(() => answer.reset())
    },
  ],
  ['200 and half a body', (answer) => answer.head(200, json).write('{"request_id":"R').end()],
  ['200 and nothing', (answer) => answer.head(200, json).end()],
  ['200 and a page', (answer) => answer.head(200, html).write('<html>').end()],
  ['200 and garbage', (answer) => answer.head(200, json).write(Uint8Array.of(0xff, 0)).end()],
]
test.each(broken)(
  'a POST answered with %s may have been accepted: asked once',
  async (_name, script) => {
    for (const call of ['submit', 'queue', 'run'] as const) {
      const { calls, server } = await against(script)
      const error = await failureOf(calls[call]())
      expect(error).toMatchObject({ maybeSubmitted: true })
      expect(['provider', 'network', 'timeout', 'interrupted']).toContain(error.code)
      expect(server.requests).toHaveLength(1)
    }
  },
)

test.each([
  ['no id', '{}'],
  ['null', 'null'],
  ['another type of id', '{"request_id":5}'],
  ['an id that is none', '{"request_id":"../../admin"}'],
  ['what an Express proxy makes of a failure', '{"detail":"as fal says"}'],
])(
  'a submit answered 200 with %s may have been accepted, and is fal’s failure',
  async (name, body) => {
    const { calls, server } = await against((answer) => answer.head(200, json).write(body).end())
    const error = await failureOf(calls.submit())
    expect(error).toMatchObject({ code: 'provider', maybeSubmitted: true })
    if (name.startsWith('what')) expect(error.message).toContain('as fal says')
    expect(server.requests).toHaveLength(1)
  },
)

test('rule 31: a good answer whose body stalls is a timeout that may have been accepted', async () => {
  for (const call of ['submit', 'run'] as const) {
    const { calls, clock } = await against((answer) => void answer.head(200, json).write('{'))
    const failing = failureOf(calls[call]())
    clock.advance(await clock.untilTimer((delayMs) => delayMs === 60_000))
    // A blocking run waits for its head under the same limit.
    await settled(40)
    clock.advance(60_000)
    expect(await failing).toMatchObject({ code: 'timeout', maybeSubmitted: true })
  }
})

test.each([400, 401, 403, 404, 405, 413, 422, 429, 503, 529])(
  'a POST answered with HTTP %i was not accepted',
  async (status) => {
    for (const call of ['submit', 'run'] as const) {
      const { calls, clock } = await against((answer) => answer.head(status, json).end())
      const failing = failureOf(calls[call]())
      let over = false
      failing.finally(() => (over = true))
      while (!over) {
        await settled()
        clock.advance(10)
      }
      expect(await failing).toMatchObject({ status, maybeSubmitted: false })
    }
  },
)

test('rule 31: a stop before anything was sent was not accepted; one while the answer is due may have been', async () => {
  const { llm, server } = await against(() => {})
  const early = llm.generate({ model, prompt: 'Hi', mode: 'queue' })
  await early.stop()
  expect(await failureOf(early)).toMatchObject({ code: 'aborted', maybeSubmitted: false })
  const late = llm.generate({ model, prompt: 'Hi', mode: 'queue' })
  await server.request(1)
  await late.stop()
  expect(await failureOf(late)).toMatchObject({ code: 'aborted', maybeSubmitted: true })
})

test('a stopped submit leaves no timer behind: not when fal answers, nor when it never does', async () => {
  const answers: Answer[] = []
  const { llm, server, clock } = await against((answer) => void answers.push(answer))
  const answered = llm.generate({ model, prompt: 'Hi', mode: 'queue' })
  await server.request(1)
  await answered.stop()
  await failureOf(answered)
  answers[0]?.head(200, json).write('{"request_id":"R"}').end()
  const cancel = await server.request(2)
  expect(cancel).toMatchObject({ method: 'PUT' })
  // What is left is the limit of the cancel that waits for its answer.
  expect(clock.pending).toBe(1)
  answers[1]?.head(200, json).write('{}').end()
  await until(() => clock.pending === 0)
  const silent = llm.generate({ model, prompt: 'Hi', mode: 'queue' })
  const submit = await server.request(3)
  await silent.stop()
  await failureOf(silent)
  clock.advance(2_000)
  await submit.closed
  await until(() => clock.pending === 0)
})
