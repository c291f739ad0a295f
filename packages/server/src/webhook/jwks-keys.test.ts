import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { vectorKey } from '../../test/signed-webhook.ts'
import { loadKeys } from './jwks-keys.ts'

const load = (...entries: readonly unknown[]): ReturnType<typeof loadKeys> =>
  loadKeys(
    'x:',
    () => Promise.resolve(Response.json({ keys: entries })),
    new AbortController().signal,
  )

const entryOf = (hex: string): { kty: string; crv: string; x: string } => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: Buffer.from(hex, 'hex').toString('base64url'),
})

/** Every encoding of the eight points of small order: y, y + p where that fits, each with both signs of x. */
const smallOrder = [
  ['order 1', '0100000000000000000000000000000000000000000000000000000000000000'],
  ['order 2', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['order 4', '0000000000000000000000000000000000000000000000000000000000000000'],
  ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ['order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ['order 4, y = p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['order 1, y = p + 1', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
].flatMap(([order = '', hex = '']) => {
  const negative = Buffer.from(hex, 'hex')
  negative[31] = (negative[31] ?? 0) | 0x80
  return [
    [order, hex],
    [`${order}, negative x`, negative.toString('hex')],
  ]
})

describe('a key of small order', () => {
  // Node 20 takes one signature for every text under such a key; Node 24 does not. Neither is relied on.
  it.each(smallOrder)('(%s: %s) is refused', async (_order, hex) => {
    await expect(load(entryOf(hex ?? ''))).rejects.toThrow('no Ed25519 key')
    expect(await load(entryOf(hex ?? ''), vectorKey.jwk)).toHaveLength(1)
  })
})

it('takes keys of every usual order', async () => {
  const neighbours = ['02', '03', '04', '05', '06'].map((byte) => byte + '00'.repeat(31))
  const onCurve = neighbours.filter((hex) => {
    try {
      return createPublicKey({ key: entryOf(hex), format: 'jwk' }) !== undefined
    } catch {
      return false
    }
  })
  expect(await load(...onCurve.map(entryOf))).toHaveLength(onCurve.length)
})

it('stops reading a key set over 256 KiB, however it comes', async () => {
  let sent = 0
  let isCancelled = false
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(32))
    },
    cancel() {
      isCancelled = true
    },
  })
  const keys = loadKeys(
    'x:',
    () => Promise.resolve(new Response(endless)),
    new AbortController().signal,
  )
  await expect(keys).rejects.toThrow('larger than 262144 bytes')
  expect(sent).toBeLessThan(262_144 + 3 * 65_536)
  expect(isCancelled).toBe(true)
})

it.each([302, 404, 503])('lets go of the body of an answer that is none (%i)', async (status) => {
  let isCancelled = false
  const body = new ReadableStream({
    cancel() {
      isCancelled = true
      return Promise.reject(new Error('the socket is gone'))
    },
  })
  const answer: typeof fetch = () => Promise.resolve(new Response(body, { status }))
  await expect(loadKeys('x:', answer, new AbortController().signal)).rejects.toThrow(
    `The key server answered HTTP ${status}`,
  )
  expect(isCancelled).toBe(true)
})

it('finds the keys of use among what is none', async () => {
  expect(await load(null, 5, 'x', [], {}, { x: null }, vectorKey.jwk)).toHaveLength(1)
})

it.each([{}, { keys: null }, { keys: {} }, { keys: 'x' }, 5])(
  'says that %j is no key set',
  async (answer) => {
    const keys = loadKeys(
      'x:',
      () => Promise.resolve(Response.json(answer)),
      new AbortController().signal,
    )
    await expect(keys).rejects.toThrow('The key server answered without keys')
  },
)
