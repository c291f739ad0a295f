import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReplacements } from './replacements.ts'
import type { ByteReplacer } from './replacements.ts'

const createByteReplacer = (...pairs: readonly (readonly [string, string])[]): ByteReplacer =>
  createReplacements(pairs).inBytes()

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

function replace(
  replacements: ReadonlyMap<string, string>,
  pieces: readonly Uint8Array<ArrayBuffer>[],
): string {
  const replacer = createByteReplacer(...replacements)
  const out = [...pieces.map((piece) => replacer.push(piece)), replacer.end()]
  return Buffer.concat(out).toString()
}

describe('createReplacements', () => {
  it('finds every needle however the bytes are split', () => {
    const needles = ['abcab', 'cab', 'aab', 'é-key']
    const word = fc.constantFrom('a', 'b', 'c', 'ab', 'abcab', 'é', 'é-key', 'aab', ' ', '-')
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(''))
    const cuts = fc.array(fc.nat(60), { maxLength: 8 })
    fc.assert(
      fc.property(text, cuts, fc.subarray(needles, { minLength: 1 }), (whole, at, chosen) => {
        const bytes = bytesOf(whole)
        const borders = [
          0,
          ...at.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ]
        const pieces = borders.slice(1).map((end, i) => bytes.slice(borders[i], end))
        const longestFirst = [...chosen].sort((a, b) => b.length - a.length)
        const expected = whole.replace(new RegExp(longestFirst.join('|'), 'g'), '*')
        const replacements = new Map(chosen.map((needle) => [needle, '*']))
        expect(replace(replacements, pieces)).toBe(expected)
        const inOne = createReplacements([...replacements]).inWhole(bytes)
        expect(Buffer.from(inOne).toString()).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  it('does not search a replacement again, so an id may be replaced by itself and more', () => {
    expect(replace(new Map([['id', 'id-sealed']]), [bytesOf('an i'), bytesOf('d.')])).toBe(
      'an id-sealed.',
    )
  })

  it('returns a piece without a match as it is, at once', () => {
    const replacer = createByteReplacer(['secret', '*'])
    const event = bytesOf('data: {"output":"no"}\n\n')
    expect(replacer.push(event).buffer).toBe(event.buffer)
    expect(replacer.end()).toHaveLength(0)
  })

  it('leaves bytes that are no text alone', () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, i) => i % 256)
    const replacer = createByteReplacer(['secret', '*'])
    expect([...replacer.push(bytes), ...replacer.end()]).toEqual([...bytes])
  })

  it('refuses a needle that would match everywhere', () => {
    expect(() => createByteReplacer(['', '*'])).toThrow(RangeError)
  })

  it('replaces in text as in bytes, and can be added to', () => {
    const replacements = createReplacements([['key', '$&']]).and([['id', 'id-2']])
    expect(replacements.inText('a key, an id')).toBe('a $&, an id-2')
    expect(Buffer.from(replacements.inBytes().push(bytesOf('a key, an id.'))).toString()).toBe(
      'a $&, an id-2.',
    )
  })
})
