import { describe, expect, it } from 'vitest'
import { parseObject, toFields } from './json.ts'

describe('toFields', () => {
  it('reads the fields of objects and functions, getters included', () => {
    const thenable = Object.assign(() => {}, { then: 1 })
    expect(toFields({ code: 'ECONNREFUSED' })['code']).toBe('ECONNREFUSED')
    expect(toFields(thenable)['then']).toBe(1)
    expect(toFields(new Error('no'))['message']).toBe('no')
  })

  it.each([undefined, null, 1, 'text', true])('finds no field in %j', (value) => {
    expect(Object.keys(toFields(value))).toEqual([])
  })
})

describe('parseObject', () => {
  it('parses an object from a text or from its bytes', () => {
    expect(parseObject('{"a":1}')).toEqual({ a: 1 })
    expect(parseObject(new TextEncoder().encode('{"a":"é"}'))).toEqual({ a: 'é' })
  })

  it.each(['[1]', 'null', '"a"', '1', '{', '', new Uint8Array([0x7b, 0xff, 0x7d])])(
    'takes %j for no object',
    (json) => {
      expect(parseObject(json)).toBeUndefined()
    },
  )
})
