import { defineEndpoint, endpoints } from '@fal-llm/core/endpoints'
import { describe, expect, it } from 'vitest'
import { get, post } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const anyLlm = '/fal.run/fal-ai/any-llm'

async function detailOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { detail?: unknown }).detail
}

describe('run', () => {
  it('answers with the bare output', async () => {
    const emulator = createEmulator()
    const response = await emulator.fetch(post(anyLlm, { prompt: '/echo hello' }))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ output: 'hello', partial: false, error: null })
    expect(response.headers.get('x-fal-request-id')).toMatch(uuid)
  })

  it('reports the usage where the endpoint does', async () => {
    const input = { prompt: '/echo hello', model: 'google/gemini-2.5-flash' }
    const response = await createEmulator().fetch(post('/fal.run/openrouter/router', input))
    expect(await response.json()).toEqual({
      output: 'hello',
      partial: false,
      error: null,
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, cost: 0.0000034 },
    })
  })

  it('has an error in the output of a run that failed half-way', async () => {
    const response = await createEmulator().fetch(post(anyLlm, { prompt: '/echo a b\n/error no' }))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ output: 'a', partial: false, error: 'no' })
  })

  it('gives reasoning a field of its own', async () => {
    const input = { prompt: '/echo a', reasoning: true }
    const body = await (await createEmulator().fetch(post(anyLlm, input))).json()
    expect(body).toMatchObject({ output: 'a', reasoning: expect.stringContaining('reasoning') })
  })

  it('serves an endpoint of your own', async () => {
    const mine = defineEndpoint({ ...endpoints['fal-ai/any-llm'], id: 'me/my-app/chat' })
    const emulator = createEmulator({ endpoints: [mine] })
    const response = await emulator.fetch(post('/fal.run/me/my-app/chat', { prompt: '/echo hi' }))
    expect(await response.json()).toMatchObject({ output: 'hi' })
  })
})

describe('who may call', () => {
  const send = (headers: Record<string, string>, keys?: string[]) =>
    createEmulator(keys ? { keys } : {}).fetch(
      new Request(`http://127.0.0.1:1${anyLlm}`, {
        method: 'POST',
        body: '{"prompt":"hi"}',
        headers: { 'content-type': 'application/json', ...headers },
      }),
    )
  const noAccess =
    'Cannot access application "fal-ai/any-llm". Authentication is required to access this application.'

  it.each([
    [{}, 401, noAccess],
    [
      { authorization: 'Key abc' },
      401,
      "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.",
    ],
    [{ authorization: 'Key unknown:x' }, 401, 'No user found for Key ID and Secret'],
    [
      { authorization: 'Key locked:x' },
      403,
      'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
    ],
  ])('refuses %j', async (headers, status, detail) => {
    const response = await send(headers as Record<string, string>)
    expect(response.status).toBe(status)
    expect(await detailOf(response)).toBe(detail)
    expect(response.headers.get('x-fal-request-id')).toMatch(uuid)
  })

  it.each(['Key any:thing', 'Bearer whatever', 'key lower:case'])('lets in %s', async (value) => {
    expect((await send({ authorization: value })).status).toBe(200)
  })

  it('lets in only the given keys, once some are given', async () => {
    expect((await send({ authorization: 'Key a:b' }, ['a:b'])).status).toBe(200)
    const wrong = await send({ authorization: 'Key a:c' }, ['a:b'])
    expect(wrong.status).toBe(401)
    expect(await detailOf(wrong)).toBe('No user found for Key ID and Secret')
    const bearer = await send({ authorization: 'Bearer x' }, ['a:b'])
    expect(await detailOf(bearer)).toBe(noAccess)
  })

  it('rule 12: keeps the scheme of a key in the log and nothing else of it', async () => {
    const emulator = createEmulator()
    await emulator.fetch(post(anyLlm, { prompt: 'hi' }))
    expect(emulator.requests[0]?.authorization).toBe('Key')
    expect(JSON.stringify(emulator.requests)).not.toContain('secret')
  })
})

describe('what does not exist', () => {
  it.each([
    ['/fal.run/fal-ai/h3-max', 'Application "h3-max" not found', null],
    ['/fal.run/openrouter', 'Application "openrouter" not found', null],
    ['/fal.run/fal-ai/any-llm/x', 'Path /x not found', '0'],
    ['/fal.run/fal-ai/any-llm/enterprise/stream', 'Path /enterprise/stream not found', '0'],
    [
      '/fal.run/openrouter/router/openai/v1/chat/completions/stream',
      'Path /openai/v1/chat/completions/stream not found',
      '0',
    ],
    ['/rest.fal.ai/nothing', 'Not Found', null],
  ])('answers 404 for %s', async (path, detail, billed) => {
    const response = await createEmulator().fetch(post(path, { prompt: 'hi' }))
    expect(response.status).toBe(404)
    expect(await detailOf(response)).toBe(detail)
    expect(response.headers.get('x-fal-billable-units')).toBe(billed)
  })

  it('answers 404 for an unknown app before it asks for a key', async () => {
    const request = new Request('http://127.0.0.1:1/fal.run/fal-ai/nope', { method: 'POST' })
    expect((await createEmulator().fetch(request)).status).toBe(404)
  })

  it('answers 405 for a GET on a model', async () => {
    const response = await createEmulator().fetch(get(anyLlm))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })
})

describe('what is no input', () => {
  const send = (body: string, headers: Record<string, string> = {}, options = {}) =>
    createEmulator(options).fetch(
      new Request(`http://127.0.0.1:1${anyLlm}`, {
        method: 'POST',
        body,
        headers: { authorization: 'Key a:b', 'content-type': 'application/json', ...headers },
      }),
    )

  it('rule 20: answers 422 with everything that is wrong, unbilled', async () => {
    const response = await send('{"temperature":3,"max_tokens":0}')
    expect(response.status).toBe(422)
    expect(response.headers.get('x-fal-billable-units')).toBe('0')
    expect(await detailOf(response)).toMatchObject([
      { loc: ['body', 'prompt'], type: 'missing', input: { temperature: 3, max_tokens: 0 } },
      { loc: ['body', 'temperature'], input: 3, ctx: { le: 2 } },
      { loc: ['body', 'max_tokens'], input: 0, ctx: { ge: 1 } },
    ])
  })

  it('answers FastAPI’s json_invalid for broken JSON', async () => {
    const response = await send('{"prompt":')
    expect(response.status).toBe(422)
    expect(await detailOf(response)).toMatchObject([
      { type: 'json_invalid', loc: ['body', expect.any(Number)], msg: 'JSON decode error' },
    ])
  })

  it.each([
    ['', 'missing'],
    ['null', 'missing'],
    ['[]', 'model_attributes_type'],
    ['"text"', 'model_attributes_type'],
  ])('answers 422 for the body %j', async (body, type) => {
    const response = await send(body)
    expect(response.status).toBe(422)
    expect(await detailOf(response)).toMatchObject([{ type, loc: ['body'] }])
  })

  it('takes a form for a text, as FastAPI does', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await detailOf(await send('{"prompt":"hi"}', headers))).toMatchObject([
      { type: 'model_attributes_type', input: '{"prompt":"hi"}' },
    ])
  })

  it('answers 413 to a body over the limit, announced or not', async () => {
    const options = { maxBodyBytes: 100 }
    const response = await send(JSON.stringify({ prompt: 'x'.repeat(100) }), {}, options)
    expect(response.status).toBe(413)
    expect(await detailOf(response)).toContain('larger than 100 bytes')
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(60))
        controller.enqueue(new Uint8Array(60))
        controller.close()
      },
    })
    // `duplex` is required for a streamed body; the DOM's type does not know it.
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const unannounced = new Request(`http://127.0.0.1:1${anyLlm}`, init)
    expect((await createEmulator(options).fetch(unannounced)).status).toBe(413)
  })

  it('is as lenient as Pydantic: "0.5" is a number, an unknown field is ignored', async () => {
    const response = await send('{"prompt":"/echo hi","temperature":"0.5","colour":"red"}')
    expect(await response.json()).toMatchObject({ output: 'hi' })
  })
})

describe('the log', () => {
  it('has one line per request, and names those that were accepted', async () => {
    const emulator = createEmulator()
    await emulator.fetch(post(`${anyLlm}?x=1`, { prompt: 'hi' }))
    await emulator.fetch(post(anyLlm, {}))
    await emulator.fetch(get('/health'))
    expect(emulator.requests).toHaveLength(2)
    expect(emulator.requests[0]).toMatchObject({
      method: 'POST',
      host: 'fal.run',
      path: '/fal-ai/any-llm',
      query: { x: '1' },
      body: { prompt: 'hi' },
      call: 'run',
      accepted: 'run',
      status: 200,
    })
    expect(emulator.requests[1]).toMatchObject({ call: 'run', accepted: undefined, status: 422 })
  })

  it('forgets the oldest beyond its limit', async () => {
    const emulator = createEmulator({ maxLoggedRequests: 2 })
    for (const prompt of ['1', '2', '3']) await emulator.fetch(post(anyLlm, { prompt }))
    expect(emulator.requests.map(({ body }) => body)).toEqual([{ prompt: '2' }, { prompt: '3' }])
  })
})

describe('browsers', () => {
  it('may read every header of fal from another origin, on errors too', async () => {
    const response = await createEmulator().fetch(
      post(anyLlm, {}, { origin: 'http://localhost:5173' }),
    )
    expect(response.status).toBe(422)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
    expect(response.headers.get('access-control-expose-headers')).toContain('x-fal-request-id')
  })

  it('get their preflight answered', async () => {
    const response = await createEmulator().fetch(
      new Request(`http://127.0.0.1:1/queue.fal.run/fal-ai/any-llm/requests/1/cancel`, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:5173',
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'authorization, x-fal-queue-priority',
        },
      }),
    )
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toContain('PUT')
    expect(response.headers.get('access-control-allow-headers')).toContain('x-fal-queue-priority')
    expect(response.headers.get('x-fal-request-id')).toMatch(uuid)
  })
})

describe('options', () => {
  it.each([
    [{ tokensPerSecond: 0 }, 'tokensPerSecond'],
    [{ firstTokenMs: -1 }, 'firstTokenMs'],
    [{ maxBodyBytes: Number.NaN }, 'maxBodyBytes'],
  ])('rule 21: refuses %j by name', (options, name) => {
    expect(() => createEmulator(options)).toThrow(name)
  })
})
