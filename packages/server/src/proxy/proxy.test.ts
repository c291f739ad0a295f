import { describe, expect, it, vi } from 'vitest'
import { json, startScriptedFal } from '../../test/scripted-fal.ts'
import {
  answer,
  callProxy,
  closedProxy,
  detailOf,
  failing,
  fakeKey,
  input,
  post,
  request,
  runTarget,
  startProxy,
  streamTarget,
  submitTarget,
} from '../../test/start-proxy.ts'
import { createFalProxy } from '../index.ts'

describe('who may call', () => {
  const call = request(runTarget, post(input))

  it('may not call until the server allows it', async () => {
    const response = await closedProxy({ allowAnonymous: false })(call.clone())
    expect(response.status).toBe(401)
    expect(await detailOf(response)).toMatch(/authorize/)
  })

  it.each([
    ['false', () => false],
    ['a rejected promise of false', () => Promise.resolve(false)],
  ])('is not one for whom authorize returns %s', async (_what, authorize) => {
    const response = await closedProxy({ authorize })(call.clone())
    expect(response.status).toBe(401)
  })

  it('is not one for whom it returns nothing, as a forgotten `await` or `return` would', async () => {
    // What the types forbid is what happens in plain JavaScript.
    const authorize = (() => undefined) as unknown as () => boolean
    expect((await closedProxy({ authorize })(call.clone())).status).toBe(401)
  })

  it('needs a user id with something in it', async () => {
    const response = await closedProxy({ authorize: () => ({ userId: '' }) })(call.clone())
    expect(response.status).toBe(500)
  })

  it('stays unknown when authorize throws, and what it threw stays on the server', async () => {
    const onError = vi.fn<(error: unknown, stage: string) => void>()
    const authorize = failing('database password: hunter2')
    const response = await closedProxy({ authorize, onError })(call.clone())
    expect(response.status).toBe(500)
    expect(await detailOf(response)).toBe('fal proxy: authorize failed on the server')
    expect(onError.mock.calls[0]?.slice(0, 2)).toEqual([
      new Error('database password: hunter2'),
      'authorize',
    ])
  })

  it('counts even when the listener for failures throws', async () => {
    const response = await closedProxy({ authorize: failing('a'), onError: failing('b') })(
      call.clone(),
    )
    expect(response.status).toBe(500)
  })

  it('is refused with a reason when authorize has read the body', async () => {
    const authorize = async (got: Request): Promise<boolean> => (await got.text()) !== ''
    const response = await closedProxy({ authorize })(call.clone())
    expect(await detailOf(response)).toMatch(/request\.clone\(\)/)
  })
})

describe('the key', () => {
  it.each([
    ['an option', { credentials: ` ${fakeKey}\n` }, {}],
    ['a function', { credentials: () => Promise.resolve(fakeKey) }, {}],
    ['FAL_KEY', {}, { FAL_KEY: `${fakeKey}\n` }],
    [
      'FAL_KEY_ID and FAL_KEY_SECRET',
      {},
      { FAL_KEY_ID: fakeKey.split(':')[0], FAL_KEY_SECRET: fakeKey.split(':')[1] },
    ],
  ])('comes from %s, trimmed', async (_what, options, environment) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const handler = createFalProxy({ allowAnonymous: true, baseUrl: fal.url, ...options })
    expect((await handler(request(runTarget, post(input)))).status).toBe(200)
    expect(fal.seen[0]?.headers.authorization).toBe(`Key ${fakeKey}`)
    vi.unstubAllEnvs()
  })

  it('is missed before anything is sent', async () => {
    vi.stubEnv('FAL_KEY', undefined)
    const reached = vi.fn<typeof fetch>()
    const handler = createFalProxy({ allowAnonymous: true, fetch: reached })
    const response = await handler(request(runTarget, post(input)))
    expect(response.status).toBe(500)
    expect(await detailOf(response)).toBe('fal proxy: FAL_KEY is not set on the server')
    expect(reached).not.toHaveBeenCalled()
    vi.unstubAllEnvs()
  })

  it('is not repeated by the error of a key that cannot be one', async () => {
    const onError = vi.fn<(error: unknown, stage: string) => void>()
    const response = await closedProxy({ credentials: 'half\nof:a-key', onError })(
      request(runTarget, post(input)),
    )
    expect(response.status).toBe(500)
    expect(await detailOf(response)).not.toContain('half')
    expect(onError).not.toHaveBeenCalled()
  })

  it('fails quietly when its function throws', async () => {
    const credentials = failing(`vault refused ${fakeKey}`)
    const response = await closedProxy({ credentials })(request(runTarget, post(input)))
    expect(await detailOf(response)).toBe('fal proxy: credentials failed on the server')
  })
})

describe('onRequest', () => {
  it('narrows what is sent by changing it', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal, {
      authorize: () => ({ userId: 'ann' }),
      onRequest: ({ endpoint, input: asked, userId }) => {
        expect([endpoint, userId]).toEqual(['openrouter/router', 'ann'])
        Object.assign(asked, { max_tokens: 100, model: 'google/gemini-2.5-flash' })
      },
    })
    await call(streamTarget, post({ prompt: 'Hi', model: 'openai/o3', max_tokens: 1e6 }))
    expect(JSON.parse(fal.seen[0]?.body ?? '')).toEqual({
      prompt: 'Hi',
      model: 'google/gemini-2.5-flash',
      max_tokens: 100,
    })
  })

  it('cannot see one model and fal another, by a field that is there twice', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const models: unknown[] = []
    const { call } = await startProxy(fal, {
      onRequest: ({ input: asked }) => void models.push(asked.model),
    })
    const body = '{"model":"openai/o3","model":"cheap/one"}'
    await call(runTarget, { ...post({}), body })
    expect(models).toEqual(['cheap/one'])
    expect(fal.seen[0]?.body).toBe('{"model":"cheap/one"}')
  })

  it('refuses with an answer of its own', async () => {
    const onRequest = (): Response => Response.json({ detail: 'No poems' }, { status: 422 })
    const response = await closedProxy({ onRequest })(request(submitTarget, post(input)))
    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({ detail: 'No poems' })
  })

  it('refuses when it throws', async () => {
    const response = await closedProxy({ onRequest: failing('mine') })(
      request(runTarget, post(input)),
    )
    expect(response.status).toBe(500)
    expect(await detailOf(response)).not.toContain('mine')
  })
})

describe('limit', () => {
  it.each([
    [false, null],
    [{ retryAfterMs: 1_200 }, '2'],
    [{ retryAfterMs: 0 }, null],
  ])('of %j refuses with 429', async (verdict, retryAfter) => {
    const response = await closedProxy({ limit: () => verdict })(request(runTarget, post(input)))
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe(retryAfter)
  })

  it('is called with the caller, for paid calls and no others', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const limit = vi.fn<(key: string) => boolean>().mockReturnValue(true)
    const named = await startProxy(fal, { limit, authorize: () => ({ userId: 'ann' }) })
    const anonymous = await startProxy(fal, { limit })
    await named.call(runTarget, post(input))
    await anonymous.call(submitTarget, post(input))
    await anonymous.call(`${submitTarget}/requests/R1/status`)
    expect(limit.mock.calls.map(([key]) => key)).toEqual(['ann', 'anonymous'])
  })

  it('refuses when the limiter is down', async () => {
    const limit = failing('redis://user:password@host')
    const response = await closedProxy({ limit })(request(runTarget, post(input)))
    expect(response.status).toBe(500)
    expect(await detailOf(response)).not.toContain('redis')
  })
})

describe('a refusal of the host', () => {
  /** A Response of another realm, as some frameworks and test runners bring. */
  class ForeignResponse {
    readonly status = 451
    readonly headers: Headers = new Headers({ 'x-why': 'law' })
    arrayBuffer(): Promise<ArrayBuffer> {
      return new Blob(['Not here']).arrayBuffer()
    }
  }
  // Its shape is all that a host's own class has in common with ours.
  const foreign = (): Response => new ForeignResponse() as unknown as Response

  it.each(['authorize', 'limit', 'onRequest'] as const)(
    'by %s is known by its shape, whatever class it is of',
    async (hook) => {
      for (const refusal of [foreign, () => Promise.resolve(foreign())]) {
        const response = await closedProxy({ [hook]: refusal })(request(runTarget, post(input)))
        expect(response).toBeInstanceOf(Response)
        expect([response.status, await response.text()]).toEqual([451, 'Not here'])
        expect(response.headers.get('x-why')).toBe('law')
      }
    },
  )

  it.each([
    ['onRequest', false, 'onRequest must return nothing or a Response, not a boolean'],
    ['onRequest', { status: 403 }, 'onRequest must return nothing or a Response, not an object'],
    ['onRequest', null, 'onRequest must return nothing or a Response, not null'],
    ['limit', undefined, 'not undefined'],
    ['limit', { remainingPoints: 0 }, 'not an object'],
    ['limit', { retryAfterMs: Number.NaN }, 'not an object'],
    ['limit', 1, 'not a number'],
    ['authorize', { session: null }, 'not an object'],
    ['authorize', 'ann', 'not a string'],
    ['authorize', [], 'not an object'],
  ] as const)('is not what %s means by %j: a 500 says so', async (hook, value, words) => {
    const onError = vi.fn<(error: unknown, stage: string) => void>()
    const response = await closedProxy({ [hook]: () => value, onError })(
      request(runTarget, post(input)),
    )
    expect(response.status).toBe(500)
    expect(await detailOf(response)).toContain(words)
    expect(onError.mock.calls).toEqual([[expect.any(TypeError), hook, expect.anything()]])
  })
})

describe('createFalProxy', () => {
  it.each([
    ['baseUrl', { baseUrl: 'fal.run' }],
    ['baseUrl', { baseUrl: 'file:///etc' }],
    ['webhookUrl', { webhookUrl: 'app.example/hook' }],
    ['baseUrl', { baseUrl: 'http://user:password@host' }],
  ])('throws for a %s that is none, without repeating it', (name, options) => {
    const create = (): unknown => createFalProxy(options)
    expect(create).toThrow(new RegExp(`^${name} must be`))
    expect(create).not.toThrow(/password@/)
  })

  it.each(['', 'short', ['long-enough-to-be-one', '']])(
    'throws for %j as jobIdSecret',
    (jobIdSecret) => {
      expect(() => createFalProxy({ jobIdSecret })).toThrow(/^jobIdSecret must be/)
    },
  )

  it('takes FAL_BASE_URL where no baseUrl is given', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    vi.stubEnv('FAL_BASE_URL', fal.url)
    const handler = createFalProxy({ credentials: fakeKey, allowAnonymous: true })
    vi.unstubAllEnvs()
    expect((await handler(request(runTarget, post(input)))).status).toBe(200)
  })

  it("reaches fal's own hosts without one", async () => {
    const urls: string[] = []
    const send: typeof fetch = (url) => {
      urls.push(String(url))
      return Promise.resolve(Response.json(answer))
    }
    const handler = createFalProxy({ credentials: fakeKey, allowAnonymous: true, fetch: send })
    await handler(request(runTarget, post(input)))
    expect(urls).toEqual([runTarget])
  })

  it('names the methods that would do in a 405', async () => {
    const response = await closedProxy()(request(runTarget))
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it.each(['x-fal-queue-priority', 'accept'])('refuses a %s that is too long', async (name) => {
    const init = post(input, { [name]: 'x'.repeat(2_000) })
    const response = await closedProxy()(request(runTarget, init))
    expect(response.status).toBe(400)
    expect(await detailOf(response)).toContain(name)
  })

  it('refuses header values beyond ASCII', async () => {
    const init = post(input, { 'x-fal-runner-hint': 'caf\u00e9' })
    expect((await closedProxy()(request(runTarget, init))).status).toBe(400)
  })

  it('names what a call without a target lacks', async () => {
    const { url } = await startProxy({ url: 'http://127.0.0.1' })
    const response = await fetch(url)
    expect(response.status).toBe(400)
    expect(await detailOf(response)).toMatch(/x-fal-target-url is missing/)
    expect((await callProxy(url, 'https://evil.example/')).status).toBe(412)
  })
})
