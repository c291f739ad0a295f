import { describe, expect, it } from 'vitest'
import { parseJson, parseObject, toFields, toList, toText } from './json.ts'

describe('parseJson', () => {
  it('knows where reading stopped', () => {
    expect(parseJson('{"a": 1}')).toEqual({ ok: true, value: { a: 1 } })
    expect(parseJson('{"a" 1}')).toEqual({ ok: false, position: 5 })
    expect(parseJson('')).toEqual({ ok: false, position: 0 })
  })
})

describe('parseObject', () => {
  it.each(['[1]', 'null', '"a"', '1', '{', ''])('takes %j for no object', (text) => {
    expect(parseObject(text)).toBeUndefined()
  })

  it('parses an object', () => expect(parseObject('{"a": [1]}')).toEqual({ a: [1] }))
})

it.each([undefined, null, 1, 'text', true, [1]])('reads %j as no fields', (value) => {
  expect(toFields(value)).toEqual({})
})

it.each([undefined, null, 1, 'text', true, { 0: 'a' }])('reads %j as no list', (value) => {
  expect(toList(value)).toEqual([])
})

it.each([undefined, null, 1, ['a'], { text: 'a' }])('reads %j as no text', (value) => {
  expect(toText(value)).toBe('')
})
