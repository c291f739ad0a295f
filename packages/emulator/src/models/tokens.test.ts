import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unicodeShowcase } from './built-in/showcases.ts'
import { countTokens, splitTokens } from './tokens.ts'

describe('splitTokens', () => {
  it('cuts any text into pieces that are the text again, as many as are counted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const tokens = splitTokens(text)
        expect(tokens.join('')).toBe(text)
        expect(tokens).toHaveLength(countTokens(text))
      }),
    )
  })

  it('never cuts through a surrogate pair', () => {
    expect(splitTokens(unicodeShowcase).every((token) => !/\p{Surrogate}/u.test(token))).toBe(true)
  })
})
