import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callerKey, createMemoryRateLimit } from './memory-rate-limit.ts'

const ann = { userId: 'ann', address: undefined }
const bob = { userId: 'bob', address: undefined }

describe('createMemoryRateLimit', () => {
  it('lets a whole limit pass at once, then one call per step, and states when', () => {
    let time = 0
    const limit = createMemoryRateLimit({ limit: 3, windowMs: 3_000, now: () => time })
    const states = Array.from({ length: 4 }, () => limit('', ann))
    expect(states.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
    ])
    expect(states[3]).toEqual({
      allowed: false,
      limit: 3,
      remaining: 0,
      resetMs: 1_000,
      windowMs: 3_000,
    })
    time = 999
    expect(limit('', ann).allowed).toBe(false)
    time = 1_000
    expect(limit('', ann).allowed).toBe(true)
    expect(limit('', ann).allowed).toBe(false)
  })

  it('counts each caller alone, and forgets the one not heard of for longest', () => {
    const limit = createMemoryRateLimit({ limit: 1, maxCallers: 2, now: () => 0 })
    expect([ann, bob, ann].map((caller) => limit('', caller).allowed)).toEqual([true, true, false])
    // Ann was heard of after Bob, so it is Bob who makes room.
    expect(limit('', { userId: 'cat', address: undefined }).allowed).toBe(true)
    expect(limit('', ann).allowed).toBe(false)
    expect(limit('', bob).allowed).toBe(true)
  })

  it('never lets more pass in a window than one limit and what grew back in it', () => {
    const steps = fc.array(fc.nat(500), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 20 }), (waits, size) => {
        let time = 0
        const limit = createMemoryRateLimit({ limit: size, windowMs: 1_000, now: () => time })
        const passed: number[] = []
        for (const wait of waits) {
          time += wait
          if (limit('', ann).allowed) passed.push(time)
        }
        for (const from of passed) {
          const within = passed.filter((at) => at >= from && at < from + 1_000)
          expect(within.length).toBeLessThanOrEqual(2 * size)
        }
        // A caller that waits for resetMs may call.
        const refused = limit('', ann)
        time += refused.allowed ? 1_000 : refused.resetMs
        expect(limit('', ann).allowed).toBe(true)
      }),
    )
  })

  it.each([{ limit: Number.NaN }, { windowMs: -1 }, { maxCallers: Infinity }])(
    'refuses %j',
    (options) => expect(() => createMemoryRateLimit(options)).toThrow(RangeError),
  )
})

describe('callerKey', () => {
  it('takes the 2^64 addresses of an IPv6 network for one caller, and IPv4 as it is', () => {
    const keyOf = (address: string): string => callerKey({ userId: undefined, address })
    expect(keyOf('2001:db8:1:2:3:4:5:6')).toBe(keyOf('2001:DB8:1:2::9'))
    expect(keyOf('2001:db8:1:2::')).toBe(keyOf('2001:db8:1:2:ffff::1'))
    expect(keyOf('2001:db8:1:2::')).not.toBe(keyOf('2001:db8:1:3::'))
    expect(keyOf('::1')).toBe('address 0:0:0:0')
    expect(keyOf('::ffff:10.0.0.1')).toBe(keyOf('10.0.0.1'))
    expect(keyOf('10.0.0.1')).not.toBe(keyOf('10.0.0.2'))
  })

  it('keeps a user who is called like an address apart from it', () => {
    const user = callerKey({ userId: '10.0.0.1', address: undefined })
    expect(user).not.toBe(callerKey({ userId: undefined, address: '10.0.0.1' }))
    expect(callerKey({ userId: 'nobody', address: undefined })).not.toBe(
      callerKey({ userId: undefined, address: undefined }),
    )
  })
})
