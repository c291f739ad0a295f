import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { json, startScriptedFal } from '../../test/scripted-fal.ts'
import type { Script, ScriptedFal } from '../../test/scripted-fal.ts'
import { signedWebhook, signingKey, vectorKey } from '../../test/signed-webhook.ts'
import type { SigningKey } from '../../test/signed-webhook.ts'
import { FalWebhookError, verifyFalWebhook } from '../index.ts'
import type { VerifyOptions, WebhookEvent } from '../index.ts'

const now = (): number => 1_700_000_000_000
const body =
  '{"request_id":"R1","gateway_request_id":"G1","status":"OK","payload":{"output":"héllo"}}'
const otherKey = signingKey(new Uint8Array(32).fill(7))

const publish =
  (...keys: readonly SigningKey[]): Script =>
  (response) =>
    json(response, 200, { keys: keys.map(({ jwk }) => jwk) })

/** Checks against the keys a server publishes; a fetch of its own keeps the test's key cache to itself. */
function verifier(keys: ScriptedFal, options: VerifyOptions = {}): typeof verifyFalWebhook {
  const own: typeof fetch = (...call) => fetch(...call)
  return (request, more) =>
    verifyFalWebhook(request, {
      now,
      jwksUrl: `${keys.url}/.well-known/jwks.json`,
      fetch: own,
      ...options,
      ...more,
    })
}

const codeOf = async (outcome: Promise<WebhookEvent>): Promise<string> => {
  const thrown: unknown = await outcome.then(
    () => 'accepted',
    (error: unknown) => error,
  )
  return thrown instanceof FalWebhookError ? thrown.code : String(thrown)
}

describe('verifyFalWebhook', () => {
  it("accepts the protocol's test vector, byte for byte", async () => {
    const x = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'
    const keys = await startScriptedFal((response) =>
      json(response, 200, { keys: [{ kty: 'OKP', crv: 'Ed25519', x }] }),
    )
    const id = '123e4567-e89b-12d3-a456-426614174000'
    const request = new Request('https://app.example/hook', {
      method: 'POST',
      headers: {
        'x-fal-webhook-request-id': id,
        'x-fal-webhook-user-id': 'user_42',
        'x-fal-webhook-timestamp': '1700000000',
        'x-fal-webhook-signature':
          'a822a207d6266d15028647c4399a7e0de9d844650a2a64fa1d6081b96e79def5295f795a16ce1954a9ae94ee90af1d9c9aa99532d64e43f6a3a93c5c4143b90d',
      },
      body: `{"request_id":"${id}","gateway_request_id":"${id}","status":"OK","payload":{"output":"héllo","partial":false}}`,
    })
    expect(await verifier(keys)(request)).toEqual({
      requestId: id,
      gatewayRequestId: id,
      userId: 'user_42',
      status: 'OK',
      payload: { output: 'héllo', partial: false },
      error: undefined,
      payloadError: undefined,
    })
  })

  it.each([
    [
      '{"request_id":"R1","status":"ERROR","error":"Invalid status code: 422","payload":{"detail":[]}}',
      { status: 'ERROR', error: 'Invalid status code: 422', payload: { detail: [] } },
    ],
    [
      '{"request_id":"R1","gateway_request_id":"G2","status":"OK","payload":null,"payload_error":"too odd"}',
      { status: 'OK', gatewayRequestId: 'G2', payload: null, payloadError: 'too odd' },
    ],
    ['{"status":"OK"}', { requestId: 'R1', payload: null }],
    ['{"request_id":"","gateway_request_id":7,"status":"OK"}', { requestId: 'R1' }],
    ['{"request_id":"R2","status":"OK"}', { requestId: 'R2' }],
  ])('reads %s', async (text, event) => {
    const verify = verifier(await startScriptedFal(publish(vectorKey)))
    expect(await verify(signedWebhook(text))).toMatchObject(event)
  })

  it.each(['request-id', 'user-id', 'timestamp', 'signature'])(
    'misses x-fal-webhook-%s',
    async (name) => {
      const keys = await startScriptedFal(publish(vectorKey))
      const request = signedWebhook(body, { headers: { [`x-fal-webhook-${name}`]: null } })
      expect(await codeOf(verifier(keys)(request))).toBe('missing-header')
      expect(keys.seen).toHaveLength(0)
    },
  )

  it.each([
    ['signature', ''],
    ['signature', 'z'.repeat(128)],
    ['signature', 'ab'.repeat(63)],
    ['signature', 'ab'.repeat(65)],
    ['signature', `0x${'ab'.repeat(63)}`],
    ['signature', `${'ab'.repeat(32)} ${'ab'.repeat(31)}a`],
    ['timestamp', ''],
    ['timestamp', '1e9'],
    ['timestamp', '1700000000abc'],
    ['timestamp', '1700000000.5'],
    ['timestamp', '-1700000000'],
    ['timestamp', '+1700000000'],
    ['timestamp', '0x6553f100'],
    ['timestamp', 'NaN'],
    ['timestamp', '17000000000000'],
    ['timestamp', '1700000000, 1700000000'],
    ['request-id', ''],
    ['request-id', 'a b'],
    ['user-id', 'x'.repeat(257)],
  ])('refuses the %s %j as malformed, before any key is fetched', async (name, value) => {
    const keys = await startScriptedFal(publish(vectorKey))
    const request = signedWebhook(body, { headers: { [`x-fal-webhook-${name}`]: value } })
    expect(await codeOf(verifier(keys)(request))).toBe('malformed')
    expect(keys.seen).toHaveLength(0)
  })

  it('takes upper case hex', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    const request = signedWebhook(body)
    const upper = request.headers.get('x-fal-webhook-signature')?.toUpperCase() ?? ''
    request.headers.set('x-fal-webhook-signature', upper)
    expect(await codeOf(verifier(keys)(request))).toBe('accepted')
  })

  it.each([
    [-301, 'stale'],
    [-300, 'accepted'],
    [-299, 'accepted'],
    [0, 'accepted'],
    [299, 'accepted'],
    [300, 'accepted'],
    [301, 'stale'],
  ])('judges a clock %i s off as %s', async (seconds, outcome) => {
    const keys = await startScriptedFal(publish(vectorKey))
    const timestamp = String(1_700_000_000 + seconds)
    expect(await codeOf(verifier(keys)(signedWebhook(body, { timestamp })))).toBe(outcome)
  })

  it('keeps to a tolerance of its own, and lets nothing in when the clock is broken', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    const timestamp = '1700000011'
    const strict = verifier(keys, { toleranceMs: 10_000 })
    await expect(strict(signedWebhook(body, { timestamp }))).rejects.toMatchObject({
      code: 'stale',
      message: 'The webhook is 11 s off the clock',
    })
    expect(await codeOf(verifier(keys, { toleranceMs: 0 })(signedWebhook(body)))).toBe('accepted')
    const aMillisecondOver = verifier(keys, { now: () => 1_700_000_300_001 })
    expect(await codeOf(aMillisecondOver(signedWebhook(body)))).toBe('stale')
    const broken = verifier(keys, { now: () => Number.NaN })
    expect(await codeOf(broken(signedWebhook(body)))).toBe('stale')
  })

  it.each([
    ['the body', withBody(body.replace('héllo', 'hello'))],
    ['its spaces', withBody(body.replaceAll(':', ': '))],
    ['the request id', withHeader('request-id', 'R2')],
    ['the user id', withHeader('user-id', 'user_43')],
    ['the timestamp', withHeader('timestamp', '1700000001')],
    ['the signature', withHeader('signature', 'ab'.repeat(64))],
  ])('finds a forgery in an altered %s', async (_what, alter) => {
    const keys = await startScriptedFal(publish(vectorKey))
    expect(await codeOf(verifier(keys)(alter(signedWebhook(body))))).toBe('forged')
  })

  it('finds a forgery in a good signature of another key', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    expect(await codeOf(verifier(keys)(signedWebhook(body, { key: otherKey })))).toBe('forged')
  })

  it.each(['', 'null', '[]', '{"request_id":"R1"}', '{"status":"DONE"}', '{"status":"OK"', 'OK'])(
    'refuses the signed body %j as malformed',
    async (text) => {
      const keys = await startScriptedFal(publish(vectorKey))
      expect(await codeOf(verifier(keys)(signedWebhook(text)))).toBe('malformed')
    },
  )

  it('refuses signed bytes that are no UTF-8: two readers could read them differently', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    const bytes = new TextEncoder().encode('{"status":"OK","payload":"?"}')
    bytes[bytes.indexOf(0x3f)] = 0xff
    expect(await codeOf(verifier(keys)(signedWebhook(bytes)))).toBe('malformed')
  })

  it.each([
    ['of just the limit', 1_048_576, undefined, 'forged'],
    ['of one byte more', 1_048_577, undefined, 'too-large'],
    ['announced as larger than it may be', 100, '1048577', 'too-large'],
    ['announced as shorter than it is', 1_048_577, '100', 'too-large'],
    ['announced as longer than it is', 100, '1048576', 'forged'],
    ['announced in no number', 100, '1e9', 'forged'],
  ])('judges a body %s (%i bytes) by 1 MiB', async (_what, size, announced, code) => {
    const keys = await startScriptedFal(publish(vectorKey))
    const length = announced === undefined ? {} : { 'content-length': announced }
    const headers = { ...length, 'x-fal-webhook-signature': 'ab'.repeat(64) }
    const request = signedWebhook('x'.repeat(size), { headers })
    expect(await codeOf(verifier(keys)(request))).toBe(code)
    // Nothing is fetched and no signature looked at for a body that is too large.
    expect(keys.seen).toHaveLength(code === 'forged' ? 1 : 0)
  })

  it('refuses a body over maxBodyBytes and one that is or was read elsewhere', async () => {
    const verify = verifier(await startScriptedFal(publish(vectorKey)))
    expect(await codeOf(verify(signedWebhook(body), { maxBodyBytes: 20 }))).toBe('too-large')
    const read = signedWebhook(body)
    await read.text()
    expect(await codeOf(verify(read))).toBe('malformed')
    const locked = signedWebhook(body)
    locked.body?.getReader()
    await expect(verify(locked)).rejects.toThrow('The body was read before')
  })

  it('refuses a body that breaks off', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    const broken = new ReadableStream({
      start: (controller) => controller.error(new Error('reset')),
    })
    expect(await codeOf(verifier(keys)(withStream(broken)))).toBe('malformed')
    expect(keys.seen).toHaveLength(0)
  })

  it.each([
    [undefined, 5_000],
    [60_000, 60_000],
  ])(
    'gives up on a body that does not come (bodyTimeoutMs: %s)',
    async (bodyTimeoutMs, afterMs) => {
      const keys = await startScriptedFal(publish(vectorKey))
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      const limits = bodyTimeoutMs === undefined ? {} : { bodyTimeoutMs }
      const outcome = { code: '' }
      const verdict = codeOf(verifier(keys)(withStream(new ReadableStream()), limits))
      void verdict.then((code) => (outcome.code = code))
      await vi.advanceTimersByTimeAsync(afterMs - 1)
      expect(outcome.code).toBe('')
      await vi.advanceTimersByTimeAsync(1)
      expect(await verdict).toBe('too-slow')
      expect(keys.seen).toHaveLength(0)
    },
  )

  it('waits for ever for a body with bodyTimeoutMs: 0', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const verdict = codeOf(verifier(keys)(withStream(readable), { bodyTimeoutMs: 0 }))
    await vi.advanceTimersByTimeAsync(86_400_000)
    const writer = writable.getWriter()
    void writer.write(new TextEncoder().encode(body))
    void writer.close()
    expect(await verdict).toBe('accepted')
  })

  it.each([
    ['user_42', 'accepted'],
    [['user_1', 'user_42'], 'accepted'],
    ['user_4', 'foreign-account'],
    ['USER_42', 'foreign-account'],
    [['user_1', 'user_2'], 'foreign-account'],
  ])('with expectedUserId %j, judges an event of user_42', async (expectedUserId, outcome) => {
    const keys = await startScriptedFal(publish(vectorKey))
    expect(await codeOf(verifier(keys)(signedWebhook(body), { expectedUserId }))).toBe(outcome)
  })

  it('names the account it expects only in calls that fal signed', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    const forged = signedWebhook(body, { key: otherKey })
    expect(await codeOf(verifier(keys)(forged, { expectedUserId: 'user_1' }))).toBe('forged')
  })

  it.each([
    ['toleranceMs', Number.NaN],
    ['toleranceMs', -1],
    ['toleranceMs', Number.POSITIVE_INFINITY],
    ['toleranceMs', '300000'],
    ['maxBodyBytes', Number.NaN],
    ['maxBodyBytes', 0],
    ['maxBodyBytes', Number.POSITIVE_INFINITY],
    ['bodyTimeoutMs', -1],
    ['bodyTimeoutMs', null],
    ['expectedUserId', undefined],
    ['expectedUserId', ''],
    ['expectedUserId', []],
    ['expectedUserId', ['user_42', '']],
    ['expectedUserId', 42],
    ['jwksUrl', 'rest.fal.ai'],
    ['jwksUrl', 'http://rest.fal.ai/jwks.json'],
    ['jwksUrl', 'http://localhost.evil.example/'],
    ['jwksUrl', 'http://evil-localhost/'],
    ['jwksUrl', 'http://a127.0.0.1/'],
    ['jwksUrl', 'file:///etc/passwd'],
  ])('refuses the option %s: %s, and says which it is', async (name, value) => {
    const options = { now, [name]: value } as VerifyOptions
    await expect(verifyFalWebhook(signedWebhook(body), options)).rejects.toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(name) }),
    )
  })

  it.each(['https://keys.example/', 'http://localhost:1/', 'http://127.0.0.2/', 'http://[::1]/'])(
    'takes keys from %s',
    async (jwksUrl) => {
      const load: typeof fetch = () => Promise.resolve(Response.json({ keys: [vectorKey.jwk] }))
      const event = verifyFalWebhook(signedWebhook(body), { now, fetch: load, jwksUrl })
      expect((await event).requestId).toBe('R1')
    },
  )

  it('does not let a payload reach the prototype of everything', async () => {
    const verify = verifier(await startScriptedFal(publish(vectorKey)))
    const text =
      '{"status":"OK","payload":{"__proto__":{"polluted":1}},"__proto__":{"request_id":"R9"}}'
    expect((await verify(signedWebhook(text))).requestId).toBe('R1')
    expect(Object.prototype).not.toHaveProperty('polluted')
  })
})

describe('the keys', () => {
  it('are fetched once for many webhooks, also when they arrive together', async () => {
    const keys = await startScriptedFal(publish(otherKey, vectorKey))
    const verify = verifier(keys)
    await Promise.all(Array.from({ length: 20 }, () => verify(signedWebhook(body))))
    await verify(signedWebhook(body))
    expect(keys.seen).toHaveLength(1)
    expect(keys.seen[0]?.headers).not.toHaveProperty('authorization')
  })

  it('are kept for 24 hours and no longer', async () => {
    const keys = await startScriptedFal(publish(vectorKey))
    const verify = verifier(keys)
    const at = (hours: number): Promise<WebhookEvent> => {
      const seconds = 1_700_000_000 + hours * 3_600
      const request = signedWebhook(body, { timestamp: String(seconds) })
      return verify(request, { now: () => seconds * 1_000 })
    }
    await at(0)
    await at(23.9)
    expect(keys.seen).toHaveLength(1)
    await at(24.1)
    expect(keys.seen).toHaveLength(2)
  })

  it('are looked up again when a signature fits none: a rotation is noticed, a forgery refused', async () => {
    const published = [vectorKey]
    const keys = await startScriptedFal((response, seen) => publish(...published)(response, seen))
    const verify = verifier(keys)
    const by = (key: SigningKey): Promise<string> => codeOf(verify(signedWebhook(body, { key })))
    expect(await by(vectorKey)).toBe('accepted')
    published[0] = otherKey
    const burst = await Promise.all(Array.from({ length: 100 }, () => by(otherKey)))
    expect(new Set(burst)).toEqual(new Set(['accepted']))
    expect(keys.seen).toHaveLength(2)
    const forgeries = await Promise.all(Array.from({ length: 20 }, () => by(vectorKey)))
    expect(new Set(forgeries)).toEqual(new Set(['forged']))
    expect(keys.seen).toHaveLength(3)
  })

  const broken: Readonly<Record<string, Script>> = {
    down: (response) => response.socket?.resetAndDestroy(),
    'an error': (response) => json(response, 503, { keys: [vectorKey.jwk] }),
    HTML: (response) => response.end('<html>Login</html>'),
    'a redirect': (response, { path }) =>
      path === '/elsewhere'
        ? json(response, 200, { keys: [vectorKey.jwk] })
        : response.writeHead(302, { location: '/elsewhere' }).end(),
    'JSON without keys': (response) => json(response, 200, {}),
    null: (response) => json(response, 200, null),
    'no key of use': (response) =>
      json(response, 200, {
        keys: [null, {}, { x: 5 }, { x: '!' }, { x: 'AAAA' }, { ...vectorKey.jwk, kty: 'RSA' }],
      }),
    'more than a key set': (response) =>
      json(response, 200, { keys: [vectorKey.jwk], x: 'x'.repeat(300_000) }),
  }

  it.each(Object.keys(broken))('that cannot be had (%s) are no proof of a forgery', async (how) => {
    const keys = await startScriptedFal((response, seen) => broken[how]?.(response, seen))
    expect(await codeOf(verifier(keys)(signedWebhook(body)))).toBe('keys-unavailable')
  })

  it('that cannot be looked up again are no proof either, and are not requested again for some seconds', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    let isUp = true
    const keys = await startScriptedFal((response, seen) =>
      isUp ? publish(otherKey)(response, seen) : json(response, 500, {}),
    )
    const verify = verifier(keys)
    expect(await codeOf(verify(signedWebhook(body, { key: otherKey })))).toBe('accepted')
    isUp = false
    for (let i = 0; i < 20; i++) {
      expect(await codeOf(verify(signedWebhook(body)))).toBe('keys-unavailable')
    }
    expect(keys.seen).toHaveLength(2)
    isUp = true
    vi.advanceTimersByTime(5_000)
    expect(await codeOf(verify(signedWebhook(body)))).toBe('forged')
  })

  it('of use are found among others', async () => {
    const x = (vectorKey.jwk as { x: string }).x
    const entries = [{ kid: 'no x' }, { kty: 'RSA', n: 'x' }, { x: 'short' }, { x }]
    const keys = await startScriptedFal((response) => json(response, 200, { keys: entries }))
    expect(await codeOf(verifier(keys)(signedWebhook(body)))).toBe('accepted')
  })

  it('of one address are not those of another', async () => {
    const [ours, others] = [
      await startScriptedFal(publish(vectorKey)),
      await startScriptedFal(publish(otherKey)),
    ]
    const verify = verifier(ours)
    expect(await codeOf(verify(signedWebhook(body)))).toBe('accepted')
    expect(await codeOf(verify(signedWebhook(body), { jwksUrl: others.url }))).toBe('forged')
  })

  it('of small order prove nothing: anybody could sign for them', async () => {
    // The neutral point. With R = the same point and S = 0 it "signs" every message.
    const x = `AQ${'A'.repeat(41)}`
    const keys = await startScriptedFal((response) =>
      json(response, 200, { keys: [{ x }, vectorKey.jwk] }),
    )
    const forge = withHeader('signature', `01${'00'.repeat(63)}`)
    expect(await codeOf(verifier(keys)(forge(signedWebhook(body))))).toBe('forged')
  })

  it("are fal's own by default", async () => {
    const asked: string[] = []
    const load: typeof fetch = (url) => {
      asked.push(String(url))
      return Promise.resolve(Response.json({ keys: [vectorKey.jwk] }))
    }
    await verifyFalWebhook(signedWebhook(body), { now, fetch: load })
    expect(asked).toEqual(['https://rest.fal.ai/.well-known/jwks.json'])
  })
})

function withHeader(name: string, value: string): (request: Request) => Request {
  return (request) => {
    request.headers.set(`x-fal-webhook-${name}`, value)
    return request
  }
}

function withStream(stream: ReadableStream): Request {
  const { url, headers } = signedWebhook(body)
  // The DOM's types do not know that a body that is a stream needs this.
  const half = { duplex: 'half' }
  return new Request(url, { method: 'POST', headers, body: stream, ...half })
}

function withBody(text: string): (request: Request) => Request {
  return ({ url, headers }) => new Request(url, { method: 'POST', headers, body: text })
}
