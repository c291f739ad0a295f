import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryClaims } from './claims.ts'

describe('claims in memory', () => {
  it('give an event to the first owner, and to the next one when it was released', () => {
    const claims = createMemoryClaims()
    expect(claims.claim('R1', 'a')).toBe('claimed')
    expect(claims.claim('R1', 'b')).toBe('busy')
    expect(claims.claim('R2', 'b')).toBe('claimed')
    claims.release('R1', 'a')
    expect(claims.claim('R1', 'b')).toBe('claimed')
    claims.complete('R1', 'b')
    expect(claims.claim('R1', 'c')).toBe('done')
  })

  it('forget the oldest event that was done, and none that is being worked on', () => {
    const claims = createMemoryClaims(2)
    claims.claim('busy', 'a')
    for (const id of ['R1', 'R2', 'R3']) {
      claims.claim(id, 'a')
      claims.complete(id, 'a')
    }
    expect(['busy', 'R3', 'R2', 'R1'].map((id) => claims.claim(id, 'b'))).toEqual([
      'busy',
      'done',
      'done',
      'claimed',
    ])
  })

  it('remember 10000 events that were done by default', () => {
    const claims = createMemoryClaims()
    for (let i = 0; i <= 10_000; i++) {
      claims.claim(`R${i}`, 'a')
      claims.complete(`R${i}`, 'a')
    }
    expect(['R0', 'R1'].map((id) => claims.claim(id, 'b'))).toEqual(['claimed', 'done'])
  })

  it('never let two work on one event, nor anybody on one that was done', () => {
    const step = fc.record({
      what: fc.constantFrom('claim', 'claim', 'complete', 'release'),
      id: fc.constantFrom('R1', 'R2'),
      owner: fc.constantFrom('a', 'b', 'c'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const claims = createMemoryClaims()
        const holders = new Map<string, string>()
        const done = new Set<string>()
        for (const { what, id, owner } of steps) {
          if (what === 'claim') {
            const expected = done.has(id) ? 'done' : holders.has(id) ? 'busy' : 'claimed'
            expect(claims.claim(id, owner)).toBe(expected)
            if (expected === 'claimed') holders.set(id, owner)
          } else if (holders.get(id) === owner) {
            claims[what](id, owner)
            holders.delete(id)
            if (what === 'complete') done.add(id)
          }
        }
      }),
    )
  })
})
