import { endpoints, validateInput } from '@fal-llm/core/endpoints'
import { describe, expect, it } from 'vitest'
import { toPydanticDetail } from './pydantic-detail.ts'

const { 'fal-ai/any-llm': anyLlm, 'openrouter/router/vision': vision } = endpoints

function detail(input: unknown, endpoint: typeof anyLlm | typeof vision = anyLlm) {
  const validation = validateInput(endpoint, input)
  return validation.ok ? [] : toPydanticDetail(validation.issues, input)
}

describe('toPydanticDetail', () => {
  it.each([
    [{}, { type: 'missing', loc: ['body', 'prompt'], msg: 'Field required', input: {} }],
    [
      { prompt: 5 },
      {
        type: 'string_type',
        loc: ['body', 'prompt'],
        msg: 'Input should be a valid string',
        input: 5,
      },
    ],
    [
      { prompt: 'p', priority: 'zzz' },
      {
        type: 'literal_error',
        loc: ['body', 'priority'],
        msg: "Input should be 'throughput' or 'latency'",
        input: 'zzz',
        ctx: { expected: "'throughput' or 'latency'" },
      },
    ],
    [
      { prompt: 'p', temperature: 3 },
      {
        type: 'less_than_equal',
        loc: ['body', 'temperature'],
        msg: 'Input should be less than or equal to 2',
        input: 3,
        ctx: { le: 2 },
      },
    ],
    [
      { prompt: 'p', temperature: -1 },
      {
        type: 'greater_than_equal',
        loc: ['body', 'temperature'],
        msg: 'Input should be greater than or equal to 0',
        input: -1,
        ctx: { ge: 0 },
      },
    ],
    [
      { prompt: 'p', temperature: 'hot' },
      {
        type: 'float_parsing',
        loc: ['body', 'temperature'],
        msg: 'Input should be a valid number, unable to parse string as a number',
        input: 'hot',
      },
    ],
    [
      { prompt: 'p', max_tokens: 1.5 },
      {
        type: 'int_from_float',
        loc: ['body', 'max_tokens'],
        msg: 'Input should be a valid integer, got a number with a fractional part',
        input: 1.5,
      },
    ],
    [
      { prompt: 'p', reasoning: 'maybe' },
      {
        type: 'bool_parsing',
        loc: ['body', 'reasoning'],
        msg: 'Input should be a valid boolean, unable to interpret input',
        input: 'maybe',
      },
    ],
  ])('says what Pydantic says of %j', (input, expected) => {
    expect(detail(input)).toEqual([expected])
  })

  it('gives the place in a list as a number', () => {
    const input = { prompt: 'p', model: 'm', image_urls: ['https://a.example/1.png', 1] }
    expect(detail(input, vision)).toEqual([
      {
        type: 'string_type',
        loc: ['body', 'image_urls', 1],
        msg: 'Input should be a valid string',
        input: 1,
      },
    ])
    expect(detail({ ...input, image_urls: 'u' }, vision)).toMatchObject([
      { type: 'list_type', loc: ['body', 'image_urls'], msg: 'Input should be a valid list' },
    ])
  })

  it('rule 20: lists everything that is wrong at once', () => {
    const input = { temperature: 3, max_tokens: 'many', model: 'gpt' }
    expect(detail(input).map(({ loc }) => loc[1])).toEqual([
      'prompt',
      'temperature',
      'max_tokens',
      'model',
    ])
  })

  it('never reads an inherited property for a field', () => {
    const issue = { path: 'body.constructor', message: 'm', type: 'string_type' }
    expect(toPydanticDetail([issue], {})).toMatchObject([{ input: null }])
  })

  it('falls back to our own message for a type it does not know', () => {
    const issue = { path: 'body.x', message: 'must be nice', type: 'unheard_of' }
    expect(toPydanticDetail([issue], { x: 1 })).toMatchObject([
      { msg: 'Value error, must be nice' },
    ])
  })
})
