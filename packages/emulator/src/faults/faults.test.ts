import fc from 'fast-check'
import { settled } from '@fal-llm/testkit/settled'
import { afterEach, describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { createQueueCalls } from '../../test/queue-calls.ts'
import { parseEvents, readEvents } from '../../test/read-events.ts'
import { post } from '../../test/requests.ts'
import type { Output } from '../answers/output.ts'
import { createEmulator } from '../emulator.ts'
import { startEmulator } from '../serve.ts'
import type { RunningEmulator, ServeOptions } from '../serve.ts'
import type { Fault } from './fault.ts'

const runPath = '/fal.run/fal-ai/any-llm'
const streamPath = `${runPath}/stream`
const sixWords = { prompt: '/echo one two three four five six' }

const running: RunningEmulator[] = []
afterEach(() => Promise.all(running.splice(0).map((emulator) => emulator.close())))

async function start(options: ServeOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator(options)
  running.push(emulator)
  return emulator
}

function ask(emulator: RunningEmulator, path: string, input: object): Promise<Response> {
  return fetch(`${emulator.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Key a:b', 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
}

/** Streams six words through faults, without a socket. */
async function streamWith(fault: Fault | readonly Fault[], prompt = sixWords.prompt) {
  const emulator = createEmulator()
  emulator.faults.add({ fault })
  return emulator.fetch(post(streamPath, { prompt }))
}

describe('which calls', () => {
  it('happens to the first calls that fit, `times` times, one rule after the other', async () => {
    const emulator = createEmulator()
    emulator.faults.add({
      match: { call: 'run' },
      times: 2,
      fault: { type: 'respond', status: 503 },
    })
    emulator.faults.add({ match: { call: 'run' }, fault: { type: 'respond', status: 429 } })
    const statuses: number[] = []
    for (const path of [runPath, streamPath, runPath, runPath, runPath]) {
      statuses.push((await emulator.fetch(post(path, sixWords))).status)
    }
    expect(statuses).toEqual([503, 200, 503, 429, 200])
    expect(emulator.faults.pending).toBe(0)
  })

  it('can be picked by path, several calls at once, taken back, and cleared', async () => {
    const emulator = createEmulator()
    const status = async (path: string) => (await emulator.fetch(post(path, sixWords))).status
    const fault = { type: 'respond', status: 500 } as const
    const remove = emulator.faults.add({
      match: { call: ['run', 'stream'], path: /enterprise$/ },
      times: 9,
      fault,
    })
    expect(await status(runPath)).toBe(200)
    expect(await status(`${runPath}/enterprise`)).toBe(500)
    remove()
    expect(await status(`${runPath}/enterprise`)).toBe(200)
    emulator.faults.add({ fault })
    emulator.faults.clear()
    expect(await status(runPath)).toBe(200)
  })

  it('notes in the log whether the call was accepted before it failed', async () => {
    const emulator = createEmulator()
    const add = (handled?: boolean) =>
      emulator.faults.add({
        fault: { type: 'respond', status: 502 },
        ...(handled !== undefined && { handled }),
      })
    add()
    await emulator.fetch(post(runPath, sixWords))
    add(true)
    await emulator.fetch(post(runPath, sixWords))
    expect(emulator.requests.map(({ accepted, status }) => [accepted, status])).toEqual([
      [undefined, 502],
      ['run', 502],
    ])
  })
})

describe('respond', () => {
  it('answers with any status, headers and body, readable across origins', async () => {
    const emulator = createEmulator()
    emulator.faults.add({
      fault: {
        type: 'respond',
        status: 418,
        headers: { 'retry-after': '7', 'x-mine': 'yes' },
        body: { detail: 'teapot' },
      },
    })
    const response = await emulator.fetch(post(runPath, sixWords, { origin: 'http://a.example' }))
    expect(response.status).toBe(418)
    expect(await response.json()).toEqual({ detail: 'teapot' })
    expect(response.headers.get('retry-after')).toBe('7')
    expect(response.headers.get('x-mine')).toBe('yes')
    expect(response.headers.get('access-control-allow-origin')).toBe('http://a.example')
    expect(response.headers.get('x-fal-request-id')).toBeTruthy()
  })

  it('answers with HTML where a stream was due', async () => {
    const response = await streamWith({
      type: 'respond',
      headers: { 'content-type': 'text/html' },
      body: '<h1>hi</h1>',
    })
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toBe('<h1>hi</h1>')
  })

  it('answers without a body where there must be none', async () => {
    const response = await streamWith({ type: 'respond', status: 204, body: 'ignored' })
    expect([response.status, response.body]).toEqual([204, null])
  })
})

describe('faults of a body', () => {
  it('cuts after so many events, cleanly, in the middle of the answer, and ends the work', async () => {
    const emulator = createEmulator()
    emulator.faults.add({ fault: { type: 'cut', afterEvents: 2 } })
    const events = await readEvents<Output>(await emulator.fetch(post(streamPath, sixWords)))
    await emulator.until(() => emulator.active === 0)
    expect(events).toEqual([
      { output: 'one', partial: true, error: null },
      { output: 'one two', partial: true, error: null },
    ])
  })

  it('cuts after so many bytes, wherever that is', async () => {
    const whole = new TextEncoder().encode(await (await streamWith([])).text())
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.byteLength - 1 }), async (afterBytes) => {
        const response = await streamWith({ type: 'cut', afterBytes })
        expect(new Uint8Array(await response.arrayBuffer())).toEqual(whole.slice(0, afterBytes))
      }),
      { numRuns: 40 },
    )
  })

  it('ends the body with an error where a connection was to be cut and there is none', async () => {
    const response = await streamWith({ type: 'cut', how: 'reset', afterEvents: 1 })
    await expect(response.text()).rejects.toThrow('cut')
  })

  it('splits at any offsets, or into single bytes, and changes nothing else', async () => {
    const prompt = '/echo naïve 🙂 مرحبا'
    const whole = await (await streamWith([], prompt)).text()
    const bytes = new TextEncoder().encode(whole).byteLength
    await fc.assert(
      fc.asyncProperty(fc.option(fc.array(fc.nat(bytes))), async (offsets) => {
        const fault = { type: 'split', ...(offsets && { offsets }) } as const
        const chunks: Uint8Array[] = []
        const { body } = await streamWith(fault, prompt)
        for await (const chunk of body ?? []) chunks.push(chunk)
        expect(Buffer.concat(chunks).toString()).toBe(whole)
        if (!offsets) expect(chunks).toHaveLength(bytes)
      }),
      { numRuns: 30 },
    )
  })

  it('drips', async () => {
    const clock = createManualClock()
    const emulator = createEmulator({ clock })
    emulator.faults.add({ fault: { type: 'drip', bytes: 10, everyMs: 100 } })
    const { body } = await emulator.fetch(post(streamPath, { prompt: '/echo hi' }))
    let received = 0
    const reading = (async () => {
      for await (const chunk of body ?? []) received += chunk.byteLength
    })()
    await clock.advance(1)
    expect(received).toBe(10)
    await clock.advance(250)
    expect(received).toBe(30)
    await clock.advance(60_000)
    await reading
  })

  it('reports an error in-band instead of an event, and ends', async () => {
    const fault = { type: 'error', message: 'boom', afterEvents: 2 } as const
    expect((await readEvents<Output>(await streamWith(fault))).at(-1)).toEqual({
      output: 'one two',
      partial: false,
      error: 'boom',
    })
  })

  it('sends broken JSON once, and goes on', async () => {
    const text = await (await streamWith({ type: 'malformed', afterEvents: 1 })).text()
    const lines = text.split('\r\n').filter((line) => line.startsWith('data: '))
    const broken = lines.filter((line) => {
      try {
        JSON.parse(line.slice(6))
        return false
      } catch {
        return true
      }
    })
    expect(broken).toEqual([lines[1]])
    expect(lines.at(-1)).toContain('"partial": false')
  })

  it('rewrites: from then on, no snapshot extends what was there before', async () => {
    const events = await readEvents<Output>(await streamWith({ type: 'rewrite', afterEvents: 2 }))
    expect(events[1]?.output).toBe('one two')
    expect(events[2]?.output).toBe('On second thought: one two three')
    expect(events.at(-1)).toMatchObject({
      output: 'On second thought: one two three four five six',
      partial: false,
    })
  })

  it('lets several happen to the same answer', async () => {
    const response = await streamWith([{ type: 'rewrite', afterEvents: 1 }, { type: 'split' }])
    expect((await readEvents<Output>(response)).at(-1)?.output).toMatch(/^On second thought/)
  })

  it('stalls until the reader goes away', async () => {
    const emulator = createEmulator()
    emulator.faults.add({ fault: { type: 'stall', afterEvents: 1 } })
    const { body } = await emulator.fetch(post(streamPath, sixWords))
    const reader = body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    const next = reader?.read()
    await settled()
    expect(emulator.active).toBe(1)
    await reader?.cancel()
    expect((await next)?.done).toBe(true)
    expect(emulator.active).toBe(0)
  })

  it('lets the work stop while nothing has come yet', async () => {
    const clock = createManualClock()
    const emulator = createEmulator({ clock, firstTokenMs: 1000 })
    emulator.faults.add({ fault: { type: 'split' } })
    const { body } = await emulator.fetch(post(streamPath, sixWords))
    const reader = body?.getReader()
    const reading = reader?.read()
    await clock.advance(10)
    expect(emulator.active).toBe(1)
    await reader?.cancel()
    expect((await reading)?.done).toBe(true)
    expect(emulator.active).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('reports an error in the way of an OpenAI stream', async () => {
    const emulator = createEmulator()
    emulator.faults.add({ match: { call: 'openai' }, fault: { type: 'error', message: 'boom' } })
    const input = {
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: '/echo one two three' }],
    }
    const path = '/fal.run/openrouter/router/openai/v1/chat/completions'
    const text = await (await emulator.fetch(post(path, input))).text()
    expect(parseEvents(text).at(-1)).toMatchObject({
      error: { message: 'boom' },
      choices: [{ finish_reason: 'error' }],
    })
    expect(text).not.toContain('[DONE]')
  })
})

describe('faults of a connection', () => {
  it.each(['reset', 'drop'] as const)(
    'cuts it with a %s after an event that still arrives',
    async (how) => {
      const emulator = await start()
      emulator.faults.add({ fault: { type: 'cut', how, afterEvents: 2 } })
      const response = await ask(emulator, streamPath, sixWords)
      const reader = response.body?.getReader()
      let text = ''
      const reading = (async () => {
        for (;;) {
          const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
          if (done) return
          text += new TextDecoder().decode(value)
        }
      })()
      await expect(reading).rejects.toThrow('terminated')
      expect(parseEvents<Output>(text).at(-1)?.output).toBe('one two')
      await emulator.until(() => emulator.active === 0)
    },
  )

  it('loses an answer whose call was accepted', async () => {
    const emulator = await start()
    emulator.faults.add({ fault: { type: 'cut', how: 'reset', beforeHead: true } })
    await expect(ask(emulator, '/queue.fal.run/fal-ai/any-llm', sixWords)).rejects.toThrow()
    expect(emulator.requests.map(({ accepted, status }) => [accepted, status])).toEqual([
      ['submit', undefined],
    ])
    expect(emulator.queue.waiting + emulator.queue.running + emulator.queue.kept).toBe(1)
  })

  it('sends nothing at all until the client gives up', async () => {
    const emulator = await start()
    emulator.faults.add({ handled: false, fault: { type: 'stall', beforeHead: true } })
    const abort = new AbortController()
    const asking = fetch(`${emulator.url}${runPath}`, {
      method: 'POST',
      body: '{}',
      signal: abort.signal,
    })
    await emulator.until(() => emulator.requests.length === 1)
    abort.abort()
    await expect(asking).rejects.toThrow()
    expect(emulator.requests[0]?.accepted).toBeUndefined()
  })

  it('rejects like a failed fetch without a socket', async () => {
    const emulator = createEmulator()
    emulator.faults.add({ fault: { type: 'cut', how: 'reset', beforeHead: true } })
    await expect(emulator.fetch(post(runPath, sixWords))).rejects.toThrow(TypeError)
  })

  it('restarts on the same port and keeps its jobs', async () => {
    const emulator = await start()
    const submitted = await ask(emulator, '/queue.fal.run/fal-ai/any-llm', sixWords)
    const { request_id: id } = (await submitted.json()) as { request_id: string }
    const statusUrl = `${emulator.url}/queue.fal.run/fal-ai/any-llm/requests/${id}/status`
    const status = () => fetch(statusUrl, { headers: { authorization: 'Key a:b' } })
    emulator.faults.add({ match: { call: 'status' }, fault: { type: 'restart', downMs: 10 } })
    await expect(status()).rejects.toThrow()
    await emulator.restart()
    expect((await status()).status).toBe(200)
  })

  it('closes at once while it is down', async () => {
    const emulator = await startEmulator()
    void emulator.restart(60_000)
    await expect(fetch(`${emulator.url}/health`)).rejects.toThrow()
    await emulator.close()
    await expect(fetch(`${emulator.url}/health`)).rejects.toThrow()
  })
})

describe('faults of a job', () => {
  it('loses it: accepted, and then unknown', async () => {
    const emulator = createEmulator()
    const queue = createQueueCalls(emulator)
    emulator.faults.add({ match: { call: 'submit' }, fault: { type: 'lose-job' } })
    const { code, body } = await queue.submit(sixWords)
    expect(code).toBe(200)
    expect((await queue.status(body.request_id)).code).toBe(404)
  })

  it('lets the platform fail it', async () => {
    const clock = createManualClock()
    const emulator = createEmulator({ clock })
    const queue = createQueueCalls(emulator)
    const fault = { type: 'fail-job', status: 500, errorType: 'internal_error', detail: 'oops' }
    emulator.faults.add({ match: { call: 'submit' }, fault: fault as Fault })
    const { body } = await queue.submit(sixWords)
    await clock.advance(0)
    expect((await queue.status(body.request_id)).body).toMatchObject({
      status: 'COMPLETED',
      error: 'oops',
      error_type: 'internal_error',
    })
    const result = await queue.result(body.request_id)
    expect([result.code, result.body]).toEqual([
      500,
      { detail: 'oops', error_type: 'internal_error' },
    ])
  })
})

describe('faults asked for in the prompt', () => {
  const stream = (prompt: string) => createEmulator().fetch(post(streamPath, { prompt }))

  it.each([
    ['/429 12', 429, '12'],
    ['/503', 503, null],
    ['/422', 422, null],
    ['/401', 401, null],
  ])('refuses for %s', async (command, status, retryAfter) => {
    for (const path of [runPath, streamPath, '/queue.fal.run/fal-ai/any-llm']) {
      const emulator = createEmulator()
      const response = await emulator.fetch(post(path, { prompt: `hi\n${command}` }))
      expect(response.status).toBe(status)
      expect(response.headers.get('retry-after')).toBe(retryAfter)
      expect(await response.json()).toHaveProperty('detail')
      expect(emulator.requests[0]?.accepted).toBeUndefined()
    }
  })

  it('cuts, rewrites and splits an answer', async () => {
    const cut = await readEvents<Output>(await stream('/echo a b c d e f\n/cut 2'))
    expect(cut.map(({ output }) => output)).toEqual(['a', 'a b'])
    const rewritten = await readEvents<Output>(await stream('/echo a b c d e f\n/rewrite 2'))
    expect(rewritten.at(-1)?.output).toBe('On second thought: a b c d e f')
    const split = await readEvents<Output>(await stream('/echo a b\n/split'))
    expect(split.at(-1)?.output).toBe('a b')
  })

  it('looks only at the last turn of the user, in every shape', async () => {
    const status = async (path: string, input: object) =>
      (await createEmulator().fetch(post(path, input))).status
    expect(await status(runPath, { prompt: 'User: /503\n\nUser: hi' })).toBe(200)
    expect(await status(runPath, { prompt: 'User: hi\n\nUser: /503' })).toBe(503)
    const chat = '/fal.run/openrouter/router/openai/v1/chat/completions'
    const message = (content: string) => ({ role: 'user', content })
    expect(await status(chat, { model: 'm', messages: [message('/503'), message('hi')] })).toBe(200)
    expect(await status(chat, { model: 'm', messages: [message('hi'), message('/503')] })).toBe(503)
  })

  it('takes the same faults to a queued job where it is followed', async () => {
    const clock = createManualClock()
    const emulator = createEmulator({ clock, tokensPerSecond: 10 })
    const queue = createQueueCalls(emulator)
    const { body } = await queue.submit({ prompt: '/long 10\n/cut 1' })
    const cut = (await queue.statusStream(body.request_id)).text()
    await clock.advance(60_000)
    expect(parseEvents(await cut)).toHaveLength(1)
    const second = await (await queue.statusStream(body.request_id)).text()
    expect(parseEvents(second)).toMatchObject([{ status: 'COMPLETED' }])
  })

  it('loses and fails jobs', async () => {
    const clock = createManualClock()
    const queue = createQueueCalls(createEmulator({ clock }))
    const lost = await queue.submit({ prompt: '/lost' })
    expect((await queue.status(lost.body.request_id)).code).toBe(404)
    const failed = await queue.submit({ prompt: '/fail' })
    await clock.advance(0)
    expect((await queue.result(failed.body.request_id)).code).toBe(503)
  })
})
