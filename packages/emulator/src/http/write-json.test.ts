import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeJson } from './write-json.ts'

describe('writeJson', () => {
  it('writes like Python: a space after each comma and colon', () => {
    const value = { output: 'Find', partial: true, error: null, list: [1, 'a:b, c'] }
    expect(writeJson(value)).toBe(
      '{"output": "Find", "partial": true, "error": null, "list": [1, "a:b, c"]}',
    )
  })

  it('means what JSON.stringify means, ASCII or not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, asciiOnly) => {
        const json = writeJson(value, asciiOnly)
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(json).not.toContain('\n')
      }),
    )
  })

  it('escapes everything but ASCII when asked to', () => {
    expect(writeJson('é🙂', true)).toBe('"\\u00e9\\ud83d\\ude42"')
  })
})
