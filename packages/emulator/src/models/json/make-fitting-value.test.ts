import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeFittingValue } from './make-fitting-value.ts'

const ajv = new Ajv2020({ strict: false, validateFormats: false })

/** What is wrong with the value made for a schema; undefined: nothing. */
function problemOf(schema: object): unknown {
  const value = makeFittingValue(schema)
  // What is sent is JSON, so what is checked is what was read back.
  const sent: unknown = JSON.parse(JSON.stringify(value))
  return ajv.validate(schema, sent) ? undefined : { value: sent, errors: ajv.errors }
}

const weather = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 2, maxLength: 6 },
    degrees: { type: 'number', minimum: -40, maximum: 10 },
    sky: { enum: ['clear', 'clouds'] },
    kind: { const: 'report' },
    days: { type: 'array', items: { $ref: '#/$defs/day' }, minItems: 3, maxItems: 3 },
    note: { type: ['string', 'null'] },
  },
  required: ['city', 'degrees', 'sky', 'kind', 'days', 'note'],
  additionalProperties: false,
  $defs: {
    day: {
      type: 'object',
      properties: { on: { type: 'string', format: 'date' }, rain: { type: 'boolean' } },
      required: ['on', 'rain'],
    },
  },
}

describe('makeFittingValue', () => {
  it('makes what a schema describes, the same each time', () => {
    expect(makeFittingValue(weather)).toEqual({
      city: 'e city',
      degrees: expect.any(Number),
      sky: 'clear',
      kind: 'report',
      days: [
        { on: '2026-01-01', rain: true },
        { on: '2026-01-02', rain: false },
        { on: '2026-01-03', rain: true },
      ],
      note: 'some note',
    })
    expect(makeFittingValue(weather)).toEqual(makeFittingValue(weather))
    expect(problemOf(weather)).toBeUndefined()
  })

  const node = { type: 'object', properties: { next: { $ref: '#' }, id: { type: 'integer' } } }
  it.each<[string, object]>([
    ['a string at its bounds', { type: 'string', minLength: 300, maxLength: 301 }],
    ['a pattern', { type: 'string', pattern: '^[A-Z]{3}-\\d{2,4}$' }],
    ['a pattern and a length', { type: 'string', pattern: '^[a-z]+$', minLength: 20 }],
    ['a pattern with choices', { type: 'string', pattern: '^(red|green|blue)#?$' }],
    ['a whole number above a bound', { type: 'integer', exclusiveMinimum: 100 }],
    ['a whole number below a bound', { type: 'integer', exclusiveMaximum: -3 }],
    ['a narrow number', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.001 }],
    ['a step', { type: 'number', multipleOf: 0.25, minimum: 0.3, maximum: 0.6 }],
    ['a whole step', { type: 'integer', multipleOf: 7, minimum: 50 }],
    ['null alone', { type: 'null' }],
    ['anything', {}],
    ['a list of enough', { type: 'array', items: { type: 'integer' }, minItems: 7 }],
    ['a list of few', { type: 'array', items: { type: 'integer' }, maxItems: 1 }],
    ['an empty list', { type: 'array', items: {}, maxItems: 0 }],
    [
      'a set',
      {
        type: 'array',
        items: { type: 'integer', minimum: 1, maximum: 5 },
        uniqueItems: true,
        minItems: 5,
      },
    ],
    [
      'a set of words',
      { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 },
    ],
    [
      'a tuple',
      {
        type: 'array',
        prefixItems: [{ type: 'string' }, { type: 'number' }],
        items: false,
        minItems: 2,
      },
    ],
    ['what a list contains', { type: 'array', contains: { const: 'x' }, minContains: 2 }],
    ['anyOf', { anyOf: [{ type: 'integer', minimum: 3 }, { type: 'null' }] }],
    [
      'oneOf, told apart by a const',
      {
        oneOf: [
          {
            type: 'object',
            properties: { kind: { const: 'a' }, a: { type: 'string' } },
            required: ['kind', 'a'],
          },
          { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] },
        ],
      },
    ],
    [
      'oneOf beside properties',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        anyOf: [{ required: ['a'] }, { required: ['b'] }],
      },
    ],
    [
      'allOf',
      {
        allOf: [
          { type: 'object', properties: { n: { type: 'integer', minimum: 5 } }, required: ['n'] },
          { properties: { n: { maximum: 7 }, m: { type: 'boolean' } }, required: ['m'] },
        ],
      },
    ],
    [
      'if and then',
      {
        type: 'object',
        properties: { kind: { enum: ['a', 'b'] } },
        required: ['kind'],
        if: { properties: { kind: { const: 'b' } } },
        then: { properties: { extra: { type: 'integer' } }, required: ['extra'] },
        else: { required: ['other'] },
      },
    ],
    [
      'keys that have no name',
      { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 },
    ],
    [
      'a required key by a pattern',
      { type: 'object', patternProperties: { '^x': { type: 'boolean' } }, required: ['x1'] },
    ],
    ['a recursion', node],
    [
      'a recursion that is required',
      {
        $ref: '#/$defs/tree',
        $defs: {
          tree: {
            type: 'object',
            properties: {
              value: { type: 'string' },
              children: { type: 'array', items: { $ref: '#/$defs/tree' } },
            },
            required: ['value', 'children'],
            additionalProperties: false,
          },
        },
      },
    ],
    [
      'a recursion through anyOf',
      {
        $ref: '#/$defs/list',
        $defs: {
          list: {
            type: 'object',
            properties: {
              head: { type: 'integer' },
              tail: { anyOf: [{ $ref: '#/$defs/list' }, { type: 'null' }] },
            },
            required: ['head', 'tail'],
          },
        },
      },
    ],
    ['an escaped reference', { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { type: 'integer' } } }],
    ['an anchor', { $ref: '#here', $defs: { any: { $anchor: 'here', type: 'boolean' } } }],
    ['a type that is a keyword’s to tell', { properties: { a: { minimum: 3 } }, required: ['a'] }],
  ])('fits %s', (_name, schema) => {
    expect(problemOf(schema)).toBeUndefined()
  })

  const scalar = fc.oneof(
    fc.record({ type: fc.constant('string'), minLength: fc.nat(20) }),
    fc.record({ type: fc.constant('string'), maxLength: fc.nat(20) }),
    fc
      .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.nat(50))
      .map(([minimum, width]) => ({ type: 'integer', minimum, maximum: minimum + width })),
    fc
      .tuple(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 0.01, max: 9, noNaN: true }),
      )
      .map(([exclusiveMinimum, width]) => ({
        type: 'number',
        exclusiveMinimum,
        maximum: exclusiveMinimum + width,
      })),
    fc.record({ type: fc.constant('integer'), multipleOf: fc.integer({ min: 1, max: 99 }) }),
    fc.record({
      enum: fc.uniqueArray(fc.jsonValue(), {
        minLength: 1,
        maxLength: 4,
        selector: (value) => JSON.stringify(value),
      }),
    }),
    fc.record({ const: fc.jsonValue() }),
    fc.constant({ type: ['null', 'boolean'] }),
  )
  const anySchema = fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      fc
        .tuple(
          fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), tie('schema'), { maxKeys: 4 }),
          fc.boolean(),
        )
        .map(([properties, all]) => ({
          type: 'object',
          properties,
          required: Object.keys(properties).slice(0, all ? undefined : 1),
          additionalProperties: false,
        })),
      fc.tuple(tie('schema'), fc.nat(3), fc.nat(3)).map(([items, minItems, more]) => ({
        type: 'array',
        items,
        minItems,
        maxItems: minItems + more,
      })),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      tie('schema').map((inner) => ({ allOf: [inner] })),
      tie('schema').map((inner) => ({ allOf: [inner, inner] })),
    ),
  })).schema

  it('fits every schema that is put together of what it understands', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        expect(problemOf(schema)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('makes something of anything at all, and ends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (schema) => {
        expect(JSON.stringify(makeFittingValue(schema))).toEqual(expect.any(String))
      }),
    )
    for (const endless of [
      { $ref: '#' },
      { allOf: [{ $ref: '#' }] },
      { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' },
      { type: 'object', properties: { self: { $ref: '#' } }, required: ['self'] },
      { type: 'array', items: { $ref: '#' }, minItems: 1 },
      { type: 'array', items: {}, minItems: 1e12 },
      { type: 'string', minLength: 1e12 },
      { $ref: 'https://other.example/schema.json' },
      { type: 'string', pattern: '^\\p{Lu}{3}$' },
      { type: 'string', pattern: '(' },
    ]) {
      expect(JSON.stringify(makeFittingValue(endless))).toEqual(expect.any(String))
    }
  })
})
