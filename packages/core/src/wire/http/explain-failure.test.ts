import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startEmulator } from '@fal-llm/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import type { FalLlmOptions } from '../../generate/fal-llm.ts'
import type { FalLlmError } from '../../errors.ts'

const model = 'google/gemini-2.5-flash'

const servers: Server[] = []
beforeEach(() => vi.stubEnv('FAL_BASE_URL', ''))
afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  for (const server of servers.splice(0)) server.close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address with a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function closedPort(): Promise<string> {
  const url = await serve(() => {})
  await new Promise((resolve) => servers.pop()?.close(resolve))
  return url
}

async function failureOf(options: FalLlmOptions, request: object = {}): Promise<FalLlmError> {
  const llm = createFalLlm({ retry: false, ...options })
  const error = await llm.generate({ model, prompt: 'hi', ...request }).then(
    () => undefined,
    (thrown: FalLlmError) => thrown,
  )
  if (!error) throw new Error('The call did not fail')
  return error
}

const html =
  (status: number, body: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(body)
const say =
  (status: number, body = '', headers = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)

describe('a proxy', () => {
  const notMounted =
    'no fal proxy is mounted there. Mount one of @fal-llm/server for GET, POST and PUT, or set proxyUrl to where it is'

  test.each<[string, RequestListener, string]>([
    [
      'a page of 404',
      html(404, '<title>404: Not found</title>'),
      '404 and a page of HTML ("404: Not found")',
    ],
    [
      'the app’s own page with 200',
      html(200, '<!doctype html><title>My app</title>'),
      '200 and a page of HTML ("My app")',
    ],
    ['404 and nothing', say(404), '404'],
    ['404 and a text', say(404, '404 Not Found'), '404'],
    [
      '404 and a framework’s JSON',
      say(404, '{"statusCode":404,"message":"Page not found"}'),
      '404',
    ],
    [
      '404 and a framework’s error',
      say(404, '{"error":"Not Found","message":"Route not found"}'),
      '404',
    ],
  ])(
    'that is not mounted and answers %s is called that, by its address',
    async (_what, listener, answer) => {
      const proxyUrl = `${await serve(listener)}/api/fal/proxy`
      const error = await failureOf({ proxyUrl })
      expect(error.message).toBe(`${proxyUrl} answered POST with ${answer}: ${notMounted}`)
      expect(['not-found', 'provider']).toContain(error.code)
    },
  )

  test('that exports only GET is asked for POST and PUT', async () => {
    for (const body of ['', '{"message":"Method Not Allowed"}']) {
      const proxyUrl = `${await serve(say(405, body, { allow: 'GET' }))}/api/fal/proxy`
      expect(await failureOf({ proxyUrl })).toMatchObject({
        code: 'unsupported',
        message: `${proxyUrl} answered POST with 405: it does not take that method. A route for the proxy exports GET, POST and PUT; each handler of @fal-llm/server takes all three`,
      })
    }
  })

  test('that is there has its own words and fal’s passed on as they are', async () => {
    const own = await serve(say(404, '{"detail":"fal proxy: no such endpoint"}'))
    expect((await failureOf({ proxyUrl: own })).message).toBe('fal proxy: no such endpoint')
    const fal = await serve(
      say(404, '{"error":{"message":"No such model"}}', { 'x-fal-request-id': 'R' }),
    )
    expect((await failureOf({ proxyUrl: fal })).message).toBe('No such model')
  })

  test('whose gateway answers with a page is not called unmounted', async () => {
    const proxyUrl = await serve(html(502, '<title>502 Bad Gateway</title>'))
    const { message, maybeSubmitted } = await failureOf({ proxyUrl })
    expect(message).toContain('("502 Bad Gateway"): what stands in front of the server answered')
    expect(maybeSubmitted).toBe(true)
  })

  test('that does not run is to be started', async () => {
    const proxyUrl = `${await closedPort()}/api/fal/proxy`
    expect(await failureOf({ proxyUrl })).toMatchObject({
      code: 'network',
      retryable: true,
      maybeSubmitted: false,
      message: `${proxyUrl} could not be reached: fetch failed (ECONNREFUSED). Start the server of the proxy, or set proxyUrl to where it is`,
    })
  })

  test('with a relative address in Node says so, and is not tried again', async () => {
    const error = await failureOf({ proxyUrl: '/api/fal/proxy', retry: { attempts: 3 } })
    expect(error).toMatchObject({ code: 'invalid-input', retryable: false, maybeSubmitted: false })
    expect(error.message).toMatch(
      /^proxyUrl "\/api\/fal\/proxy" is relative, and there is no page here .* Give the whole address/,
    )
  })

  test('with a relative address and a fetch that can read it works', async () => {
    const emulator = await startEmulator()
    const { text } = await createFalLlm({
      proxyUrl: '/api/fal/proxy',
      fetch: (input, init) =>
        fetch(`${emulator.url}${String(input)}`, {
          ...init,
          headers: { authorization: 'Key a:b', ...init?.headers },
        }),
    }).generate({ model, prompt: '/echo hi' })
    expect(text).toBe('hi')
    await emulator.close()
  })
})

describe('what baseUrl names', () => {
  test('an emulator that was not started', async () => {
    const baseUrl = await closedPort()
    expect(await failureOf({ baseUrl, credentials: 'a:b' })).toMatchObject({
      code: 'network',
      message: `${baseUrl}/fal.run/openrouter/router/stream could not be reached: fetch failed (ECONNREFUSED). Nothing listens there: start it (the emulator: npx @fal-llm/emulator), or change baseUrl or FAL_BASE_URL`,
    })
  })

  test('somebody else', async () => {
    const baseUrl = await serve(html(200, '<title>Vite</title>'))
    expect(await failureOf({ baseUrl })).toMatchObject({
      code: 'provider',
      message: `${baseUrl}/fal.run/openrouter/router/stream answered POST with 200 and a page of HTML ("Vite"): neither fal nor the emulator is there. Change baseUrl or FAL_BASE_URL`,
    })
  })

  test('a host nobody knows', async () => {
    const { message } = await failureOf({
      baseUrl: 'http://no-such-host.invalid',
      credentials: 'a:b',
    })
    expect(message).toMatch(/^http:\/\/no-such-host\.invalid\/.* No such host is known/)
  })

  test('an answer without a word says who gave it, and never the token in its address', async () => {
    const baseUrl = await serve(say(403))
    const { message } = await failureOf({ baseUrl, tokenProvider: async () => 'secret-token' })
    expect(message).toBe(
      `${baseUrl}/fal.run/openrouter/router/stream answered POST with 403, without a reason. Check FAL_KEY, or the credentials that were given`,
    )
  })
})

describe('in a browser', () => {
  const blocked: typeof fetch = () => Promise.reject(new TypeError('Failed to fetch'))
  const open = (more: object = {}): void => {
    vi.stubGlobal('document', {})
    vi.stubGlobal('location', { href: 'https://app.example/chat' })
    for (const [name, value] of Object.entries(more)) vi.stubGlobal(name, value)
  }

  test('an address of another origin names CORS, and the origin that is not allowed', async () => {
    open()
    const tokenProvider = async () => 'token'
    expect((await failureOf({ fetch: blocked, tokenProvider })).message).toBe(
      'https://fal.run/openrouter/router/stream could not be reached: Failed to fetch. It is down, or it does not allow calls from https://app.example (CORS). Mount a proxy of @fal-llm/server on https://app.example and set proxyUrl to it',
    )
  })

  test('an address of its own origin does not', async () => {
    open()
    expect((await failureOf({ fetch: blocked })).message).toBe(
      'https://app.example/api/fal/proxy could not be reached: Failed to fetch. Start the server of the proxy, or set proxyUrl to where it is',
    )
  })

  test('a device without a network says so', async () => {
    open({ navigator: { onLine: false } })
    expect((await failureOf({ fetch: blocked })).message).toContain(
      'Failed to fetch. This device is offline: try again when it is not',
    )
  })
})

describe('a raw key', () => {
  const refused = { code: 'auth', message: expect.stringContaining('can be read by anyone') }
  const shim = { env: {} }

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['a page', { document: {} }],
    ['a page with a stand-in for process', { document: {}, process: shim }],
    ['a worker of a browser', { importScripts: () => {}, process: undefined }],
    ['such a worker with a stand-in for process', { importScripts: () => {}, process: shim }],
    ['React Native', { navigator: { product: 'ReactNative' }, process: shim }],
    ['React Native on Hermes', { navigator: undefined, HermesInternal: {}, process: undefined }],
  ])('is refused in %s before any request', async (_where, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
    const sent = vi.fn<typeof fetch>()
    expect(await failureOf({ credentials: 'id:secret', fetch: sent })).toMatchObject(refused)
    expect(sent).not.toHaveBeenCalled()
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['Node', {}],
    ['a worker of Deno', { importScripts: () => {}, process: undefined, Deno: {} }],
    [
      'a worker of Cloudflare',
      { process: undefined, navigator: { userAgent: 'Cloudflare-Workers' } },
    ],
  ])('is taken in %s', async (_where, globals) => {
    const emulator = await startEmulator()
    const { fetch } = globalThis
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
    const llm = createFalLlm({ credentials: 'id:secret', baseUrl: emulator.url, fetch })
    const { text } = await llm.generate({ model, prompt: '/echo hi', mode: 'run' })
    vi.unstubAllGlobals()
    expect(text).toBe('hi')
    await emulator.close()
  })
})

describe('an id that is none', () => {
  const endpoint = 'openrouter/router'

  test('is told apart from one fal does not know, without repeating it', async () => {
    const emulator = await startEmulator()
    const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'a:b' })
    const attach = (requestId: unknown) =>
      // As JavaScript calls it.
      Promise.resolve(llm.attach({ endpoint, requestId: requestId as string }))
    await expect(attach('my-id:my-secret')).rejects.toMatchObject({
      code: 'invalid-input',
      message:
        'requestId cannot hold ":". Give the requestId that submit() resolved with, or that a queue-update named',
    })
    await expect(attach(undefined)).rejects.toThrow(/^requestId is undefined\. Give the requestId/)
    await expect(attach('')).rejects.toThrow(/^requestId is empty\. /)
    expect(emulator.requests).toEqual([])
    await expect(attach('0000')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(
        /^http:\S+\/openrouter\/router\/requests\/0000\/status answered GET with 404: fal knows no job "0000" there\. Check the id/,
      ),
    })
    await emulator.close()
  })
})
