import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { createQueueCalls } from '../../test/queue-calls.ts'
import { get } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'
import type { EmulatorOptions } from '../options.ts'

function start(options: EmulatorOptions = {}, app?: string) {
  const clock = createManualClock()
  const emulator = createEmulator({ clock, ...options })
  return { clock, emulator, queue: createQueueCalls(emulator, app) }
}

/** Ten tokens take a second, and the first comes at once. */
const paced = { tokensPerSecond: 10 }
const tenWords = { prompt: '/long 10' }

describe('submit', () => {
  it('answers 200 with IN_QUEUE, the id, the position and where to go on', async () => {
    const { queue } = start()
    const { code, body, headers } = await queue.submit({ prompt: 'hi' })
    const base = `http://127.0.0.1:8787/queue.fal.run/fal-ai/any-llm/requests/${body.request_id}`
    expect(code).toBe(200)
    expect(headers.get('x-fal-request-id')).toBe(body.request_id)
    expect(body).toEqual({
      status: 'IN_QUEUE',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      response_url: base,
      status_url: `${base}/status`,
      cancel_url: `${base}/cancel`,
      logs: null,
      metrics: {},
      queue_position: 0,
    })
  })

  it('drops the sub-path from the follow-up URLs', async () => {
    const { queue } = start()
    const { body } = await queue.submit({ prompt: 'hi' }, { path: 'fal-ai/any-llm/enterprise' })
    expect(body.status_url).toContain('/fal-ai/any-llm/requests/')
  })

  it('hands out mapped URLs to a caller behind a proxy, which maps nothing itself', async () => {
    const { queue } = start()
    const headers = { 'x-fal-target-url': 'https://queue.fal.run/fal-ai/any-llm' }
    const { body } = await queue.submit({ prompt: 'hi' }, { headers })
    expect(body.status_url).toBe(
      `http://127.0.0.1:8787/queue.fal.run/fal-ai/any-llm/requests/${body.request_id}/status`,
    )
  })

  it('accepts a wrong input, which fails when it runs', async () => {
    const { queue, clock } = start()
    const { code, body } = await queue.submit({ temperature: 9 })
    expect(code).toBe(200)
    await clock.advance(0)
    expect((await queue.status(body.request_id)).body.status).toBe('COMPLETED')
    const result = await queue.result(body.request_id)
    expect(result.code).toBe(422)
    expect(result.body['detail']).toMatchObject([
      { loc: ['body', 'prompt'] },
      { loc: ['body', 'temperature'] },
    ])
  })

  it('accepts a path that its app does not have, which fails when it runs', async () => {
    const { queue, clock } = start()
    const { body } = await queue.submit({ prompt: 'hi' }, { path: 'fal-ai/any-llm/nope' })
    await clock.advance(0)
    const result = await queue.result(body.request_id)
    expect([result.code, result.body]).toEqual([404, { detail: 'Path /nope not found' }])
  })

  it('refuses an app that does not exist and a caller without a key', async () => {
    const { queue, emulator } = start()
    expect((await queue.submit({}, { path: 'fal-ai/nope' })).code).toBe(404)
    const request = new Request('http://127.0.0.1:1/queue.fal.run/fal-ai/any-llm', {
      method: 'POST',
      body: '{}',
    })
    expect((await emulator.fetch(request)).status).toBe(401)
    expect(emulator.requests.filter(({ accepted }) => accepted)).toEqual([])
  })

  it('refuses with 429 when more wait than the caller will have', async () => {
    const { queue, clock } = start({ ...paced, concurrency: 1 })
    await queue.submit(tenWords)
    await clock.advance(0)
    const query = '?fal_max_queue_length=1'
    expect((await queue.submit(tenWords, { query })).code).toBe(200)
    expect((await queue.submit(tenWords, { query })).code).toBe(200)
    const refused = await queue.submit(tenWords, { query })
    expect(refused.code).toBe(429)
    expect(refused.body).toMatchObject({ error_type: 'concurrent_requests_limit' })
    expect(refused.headers.get('x-fal-needs-retry')).toBe('1')
  })

  it('refuses with 429 and the reason when the emulator’s own queue is full', async () => {
    const { queue } = start({ queueDelayMs: 1000, maxQueuedJobs: 1 })
    await queue.submit(tenWords)
    const refused = await queue.submit(tenWords)
    expect(refused.code).toBe(429)
    expect(refused.body).toMatchObject({
      detail: expect.stringContaining('1 requests are waiting'),
    })
  })

  it('rule 10: one accepted submit is one line of the log', async () => {
    const { queue, emulator } = start({ queueDelayMs: 1000, maxQueuedJobs: 1 })
    await queue.submit(tenWords)
    await queue.submit(tenWords)
    expect(emulator.requests.map(({ call, accepted }) => [call, accepted])).toEqual([
      ['submit', 'submit'],
      ['submit', undefined],
    ])
  })
})

describe('status and result', () => {
  it('goes from IN_QUEUE over IN_PROGRESS (202) to COMPLETED (200), then has the bare output', async () => {
    const { queue, clock } = start({ ...paced, queueDelayMs: 100 })
    const { body } = await queue.submit(tenWords)
    const waiting = await queue.status(body.request_id)
    expect([waiting.code, waiting.body.status, waiting.body.queue_position]).toEqual([
      202,
      'IN_QUEUE',
      0,
    ])
    await clock.advance(500)
    const running = await queue.status(body.request_id)
    expect([running.code, running.body.status, running.body.logs]).toEqual([
      202,
      'IN_PROGRESS',
      null,
    ])
    await clock.advance(5000)
    const completed = await queue.status(body.request_id)
    expect([completed.code, completed.body.status]).toEqual([200, 'COMPLETED'])
    expect(completed.body.metrics?.inference_time).toBeGreaterThan(0.5)
    expect(completed.body.error).toBeUndefined()
    const result = await queue.result(body.request_id)
    expect(result.code).toBe(200)
    expect(result.body).toEqual({
      output: expect.stringMatching(/^The quick brown/),
      partial: false,
      error: null,
    })
    expect(result.headers.get('x-fal-request-id')).toBe(body.request_id)
    expect(result.headers.get('x-fal-billable-units')).toBe('1')
  })

  it('answers 400 to a result that is fetched too early', async () => {
    const { queue } = start({ queueDelayMs: 100 })
    const { body } = await queue.submit({ prompt: 'hi' })
    const early = await queue.result(body.request_id)
    expect([early.code, early.body]).toEqual([400, { detail: 'Request is still in progress' }])
  })

  it('gives all log lines so far with each status that wants them, in each way to ask for them', async () => {
    const { queue, clock } = start(paced)
    const { body } = await queue.submit({ prompt: '/long 50' })
    await clock.advance(0)
    const before = (await queue.status(body.request_id, '?logs=1')).body.logs ?? []
    await clock.advance(20_000)
    for (const query of ['?logs=1', '?logs=true', '?logs=True']) {
      const after = (await queue.status(body.request_id, query)).body.logs ?? []
      expect(after.length).toBeGreaterThan(before.length)
      expect(after.slice(0, before.length)).toEqual(before)
      expect(after[0]).toEqual({
        message: 'Asking google/gemini-2.5-flash-lite',
        level: 'INFO',
        source: 'USER',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      })
    }
    for (const query of ['', '?logs=0', '?logs=false']) {
      expect((await queue.status(body.request_id, query)).body.logs).toBeNull()
    }
  })

  it('knows a job by its id, under the app or the whole path, with /response or a slash at the end', async () => {
    const { queue, clock, emulator } = start()
    const { body } = await queue.submit({ prompt: 'hi' }, { path: 'fal-ai/any-llm/enterprise' })
    await clock.advance(0)
    const id = body.request_id
    for (const path of [
      `/fal-ai/any-llm/requests/${id}`,
      `/fal-ai/any-llm/requests/${id}/response`,
      `/fal-ai/any-llm/enterprise/requests/${id}`,
      `/fal-ai/any-llm/requests/${id}/status/`,
      `/fal-ai/any-llm/enterprise/requests/${id}/status?logs=0`,
    ]) {
      expect((await emulator.fetch(get(`/queue.fal.run${path}`))).status).toBe(200)
    }
  })

  it('answers 404 NOT_FOUND for an id it does not know', async () => {
    const { queue } = start()
    for (const answer of [
      await queue.status('764cabcf-b745-4b3e-ae38-1200304cf45b'),
      await queue.result('764cabcf-b745-4b3e-ae38-1200304cf45b'),
      await queue.cancel('764cabcf-b745-4b3e-ae38-1200304cf45b'),
    ]) {
      expect([answer.code, answer.body]).toEqual([404, { status: 'NOT_FOUND' }])
    }
  })

  it('refuses a wrong key with another text on calls that follow a job', async () => {
    const { queue, emulator } = start()
    const { body } = await queue.submit({ prompt: 'hi' })
    const path = `/queue.fal.run/fal-ai/any-llm/requests/${body.request_id}/status`
    const response = await emulator.fetch(get(path, { authorization: 'Key unknown:x' }))
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ detail: 'invalid key credentials' })
  })

  it('answers 405 to the wrong method', async () => {
    const { emulator } = start()
    expect((await emulator.fetch(get('/queue.fal.run/fal-ai/any-llm'))).status).toBe(405)
    const cancel = '/queue.fal.run/fal-ai/any-llm/requests/1/cancel'
    expect((await emulator.fetch(get(cancel))).status).toBe(405)
  })

  it('runs a chat through the queue, follow-ups under its app', async () => {
    const { queue, clock } = start({}, 'openrouter/router')
    const input = { model: 'm', messages: [{ role: 'user', content: '/echo hi' }], stream: true }
    const path = 'openrouter/router/openai/v1/chat/completions'
    const { body } = await queue.submit(input, { path })
    expect(body.status_url).toContain('/openrouter/router/requests/')
    await clock.advance(0)
    expect((await queue.result(body.request_id)).body).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'hi' } }],
    })
  })

  it('has an in-band error in a completed result', async () => {
    const { queue, clock } = start()
    const { body } = await queue.submit({ prompt: '/echo a b\n/error broken' })
    await clock.advance(0)
    const result = await queue.result(body.request_id)
    expect([result.code, result.body]).toEqual([
      200,
      { output: 'a', partial: false, error: 'broken' },
    ])
  })
})

describe('order', () => {
  it('runs as many as are allowed and states how many are ahead of the others', async () => {
    const { queue, clock, emulator } = start({ ...paced, concurrency: 2 })
    const ids: string[] = []
    for (let index = 0; index < 5; index++) ids.push((await queue.submit(tenWords)).body.request_id)
    await clock.advance(0)
    const statuses = await Promise.all(ids.map((id) => queue.status(id)))
    expect(statuses.map(({ body }) => [body.status, body.queue_position])).toEqual([
      ['IN_PROGRESS', undefined],
      ['IN_PROGRESS', undefined],
      ['IN_QUEUE', 0],
      ['IN_QUEUE', 1],
      ['IN_QUEUE', 2],
    ])
    expect(emulator.queue).toMatchObject({ waiting: 3, running: 2, kept: 0 })
    await clock.advance(60_000)
    expect(emulator.queue).toMatchObject({ waiting: 0, running: 0, kept: 5 })
    expect(emulator.active).toBe(0)
  })

  it('lets low priority wait for normal', async () => {
    const { queue, clock } = start({ ...paced, concurrency: 1 })
    await queue.submit(tenWords)
    await clock.advance(0)
    const low = await queue.submit(tenWords, { headers: { 'x-fal-queue-priority': 'low' } })
    const normal = await queue.submit(tenWords, { headers: { 'x-fal-queue-priority': 'normal' } })
    expect((await queue.status(low.body.request_id)).body.queue_position).toBe(1)
    expect((await queue.status(normal.body.request_id)).body.queue_position).toBe(0)
    await clock.advance(1500)
    expect((await queue.status(low.body.request_id)).body.status).toBe('IN_QUEUE')
    expect((await queue.status(normal.body.request_id)).body.status).toBe('IN_PROGRESS')
  })
})

describe('cancel', () => {
  it('rule 3: takes a waiting job out of the queue', async () => {
    const { queue, clock } = start({ ...paced, concurrency: 1 })
    await queue.submit(tenWords)
    await clock.advance(0)
    const { body } = await queue.submit(tenWords)
    const answer = await queue.cancel(body.request_id)
    expect([answer.code, answer.body]).toEqual([200, { status: 'OK' }])
    expect((await queue.result(body.request_id)).code).toBe(499)
    expect((await queue.status(body.request_id)).body).toMatchObject({
      status: 'COMPLETED',
      error_type: 'client_cancelled',
      metrics: {},
    })
  })

  it('rule 3: stops a running job, whose result is 499 from then on', async () => {
    const { queue, clock, emulator } = start({ ...paced })
    const { body } = await queue.submit({ prompt: '/long 1000' })
    await clock.advance(1000)
    expect(emulator.active).toBe(1)
    const answer = await queue.cancel(body.request_id)
    expect([answer.code, answer.body]).toEqual([202, { status: 'CANCELLATION_REQUESTED' }])
    await clock.advance(0)
    expect(emulator.active).toBe(0)
    expect(clock.pending).toBe(0)
    const result = await queue.result(body.request_id)
    expect(result.code).toBe(499)
    expect(result.body).toMatchObject({ error_type: 'client_cancelled' })
    expect(result.headers.get('x-fal-error-type')).toBe('client_cancelled')
  })

  it('comes too late for a completed job', async () => {
    const { queue, clock } = start()
    const { body } = await queue.submit({ prompt: 'hi' })
    await clock.advance(0)
    const answer = await queue.cancel(body.request_id)
    expect([answer.code, answer.body]).toEqual([400, { status: 'ALREADY_COMPLETED' }])
    expect((await queue.result(body.request_id)).code).toBe(200)
  })
})

describe('time', () => {
  it('gives a job up that did not start in the time its caller allowed', async () => {
    const { queue, clock } = start({ ...paced, concurrency: 1 })
    await queue.submit({ prompt: '/long 100' })
    await clock.advance(0)
    const headers = { 'x-fal-request-timeout': '2' }
    const { body } = await queue.submit(tenWords, { headers })
    await clock.advance(1999)
    expect((await queue.status(body.request_id)).body.status).toBe('IN_QUEUE')
    await clock.advance(1)
    expect((await queue.status(body.request_id)).body).toMatchObject({
      status: 'COMPLETED',
      error: 'Request timed out',
      error_type: 'request_timeout',
    })
    const result = await queue.result(body.request_id)
    expect(result.code).toBe(504)
    expect(result.headers.get('x-fal-request-timeout-type')).toBe('user')
  })

  it('does not count the run itself against that time', async () => {
    const { queue, clock } = start(paced)
    const headers = { 'x-fal-request-timeout': '2' }
    const { body } = await queue.submit({ prompt: '/long 100' }, { headers })
    await clock.advance(60_000)
    expect((await queue.result(body.request_id)).code).toBe(200)
  })

  it.each([
    ['an hour', '/long 10', 60],
    ['six minutes, from 10 KB on', '/long 3000', 6],
  ])('keeps a result for %s', async (_name, prompt, minutes) => {
    const { queue, clock, emulator } = start()
    const { body } = await queue.submit({ prompt })
    await clock.advance(0)
    await clock.advance(minutes * 60_000 - 1)
    expect((await queue.result(body.request_id)).code).toBe(200)
    await clock.advance(1)
    expect((await queue.result(body.request_id)).code).toBe(404)
    expect(emulator.queue.kept).toBe(0)
  })

  it('keeps no more results than it may, the latest ones', async () => {
    const { queue, clock, emulator } = start({ maxKeptJobs: 2 })
    const ids: string[] = []
    for (let index = 0; index < 4; index++) {
      ids.push((await queue.submit({ prompt: 'hi' })).body.request_id)
      await clock.advance(1)
    }
    expect(emulator.queue.kept).toBe(2)
    const codes = await Promise.all(ids.map(async (id) => (await queue.result(id)).code))
    expect(codes).toEqual([404, 404, 200, 200])
  })

  it('ends everything when it is closed, and leaves no timer', async () => {
    const { queue, clock, emulator } = start({ ...paced, concurrency: 1 })
    await queue.submit(tenWords, { headers: { 'x-fal-request-timeout': '60' } })
    await queue.submit(tenWords, { headers: { 'x-fal-request-timeout': '60' } })
    await clock.advance(0)
    emulator.close()
    await clock.advance(0)
    expect(emulator.active).toBe(0)
    expect(clock.pending).toBe(0)
  })
})
