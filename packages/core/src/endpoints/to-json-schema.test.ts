import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EndpointId } from './endpoint-map.ts'
import { defineEndpoint } from './endpoint.ts'
import { toJsonSchema } from './to-json-schema.ts'
import { endpoints } from './registry.ts'
import { seedInputs, seedOutputs } from './seed-examples.test.data.ts'
import { validateInput } from './input/validate-input.ts'

const ids = Object.keys(endpoints) as EndpointId[] // The keys of the registry are the ids.
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false })
const accepts = Object.fromEntries(ids.map((id) => [id, ajv.compile(toJsonSchema(id, 'input'))]))

/** Values near every border that the schemas draw. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    '',
    'hi',
    '0.5',
    '7',
    'true',
    'latency',
    'throughput',
  ),
  fc.constantFrom<unknown>(
    -2,
    -1,
    0,
    0.5,
    1,
    1.5,
    2,
    2.5,
    1e21,
    'google/gemini-2.5-flash',
    'openai/o3',
  ),
  fc.constantFrom<unknown>([], ['u'], [1], {}, [{}], { enabled: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue(),
)
const part = fc.record(
  {
    type: fc.constantFrom('text', 'image_url', 'input_audio', 5),
    text: fc.constantFrom('hi', 5),
    image_url: fc.constantFrom<unknown>(
      'u',
      { url: 'u' },
      { url: 5 },
      {},
      { url: 'u', detail: 'low' },
      5,
    ),
  },
  { requiredKeys: [] },
)
const message = fc.record(
  {
    role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'developer', 'human'),
    content: fc.oneof(fc.constantFrom<unknown>('hi', null, 5), fc.array(part, { maxLength: 2 })),
    name: value,
  },
  { requiredKeys: [] },
)
const changes = {
  prompt: value,
  system_prompt: value,
  model: value,
  reasoning: value,
  priority: value,
  temperature: value,
  max_tokens: value,
  image_urls: value,
  messages: fc.oneof({ weight: 9, arbitrary: fc.array(message, { maxLength: 2 }) }, value),
  presence_penalty: value,
  stream: value,
  unknown_field: fc.jsonValue(),
}

/** One of the seeds' inputs with a few fields changed and perhaps one left out. */
function inputNear(id: EndpointId): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const own = seedInputs.filter(([, endpoint]) => endpoint === id).map(([, , input]) => input)
  return fc
    .record({
      base: fc.constantFrom(...own),
      given: fc.record(changes),
      changed: fc.shuffledSubarray(Object.keys(changes), { maxLength: 3 }),
      left: fc.nat(20),
    })
    .map(({ base, given, changed, left }) => {
      const wanted = Object.entries(given).filter(([name]) => changed.includes(name))
      const all = Object.entries({ ...base, ...Object.fromEntries(wanted) })
      return Object.fromEntries(all.filter((_, index) => index !== left))
    })
}

/** Counts both verdicts, so that a property that only ever saw one of them fails. */
function tally(): { count(accepted: boolean): void; expectBoth(): void } {
  const seen = { accepted: 0, refused: 0 }
  return {
    count: (accepted) => void (seen[accepted ? 'accepted' : 'refused'] += 1),
    expectBoth: () => expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100),
  }
}

describe('toJsonSchema', () => {
  it.each(ids)('%s: what the schema accepts, validateInput accepts unchanged', (id) => {
    const { count, expectBoth } = tally()
    fc.assert(
      fc.property(inputNear(id), (candidate) => {
        const accepted = accepts[id]?.(candidate) === true
        count(accepted)
        if (!accepted) return
        expect(validateInput(id, candidate)).toEqual({ ok: true, value: candidate })
      }),
      { numRuns: 1000 },
    )
    expectBoth()
  })

  it.each(ids)('%s: what validateInput makes of an input, the schema accepts', (id) => {
    const { count, expectBoth } = tally()
    fc.assert(
      fc.property(inputNear(id), (candidate) => {
        const checked = validateInput(id, candidate)
        count(checked.ok)
        if (!checked.ok) return
        expect(accepts[id]?.(checked.value), JSON.stringify(checked.value)).toBe(true)
      }),
      { numRuns: 1000 },
    )
    expectBoth()
  })

  it.each(seedInputs)('accepts the input of seed %s', (_seed, id, example) => {
    expect(accepts[id]?.(example)).toBe(true)
  })

  it.each(seedOutputs)('accepts the output of seed %s', (_seed, id, example) => {
    expect(ajv.compile(toJsonSchema(id, 'output'))(example)).toBe(true)
  })

  it.each(ids)('%s: is draft 2020-12, and plain JSON', (id) => {
    for (const side of ['input', 'output'] as const) {
      const document = toJsonSchema(id, side)
      expect(document).toMatchObject({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
      })
      expect(JSON.parse(JSON.stringify(document))).toEqual(document)
    }
  })

  it('carries the ranges, defaults and options of the seeds', () => {
    expect(toJsonSchema('fal-ai/any-llm', 'input')).toMatchObject({
      required: ['prompt'],
      properties: {
        reasoning: { type: 'boolean', default: false },
        priority: { enum: ['throughput', 'latency'], default: 'latency' },
        temperature: { minimum: 0, maximum: 2 },
        max_tokens: { minimum: 1 },
        model: { default: 'google/gemini-2.5-flash-lite', examples: ['google/gemini-2.5-flash'] },
      },
    })
    expect(toJsonSchema('openrouter/router', 'input')).toMatchObject({
      required: ['prompt', 'model'],
      properties: { temperature: { type: 'number', minimum: 0, maximum: 2, default: 1 } },
    })
    expect(toJsonSchema('openrouter/router/vision', 'input')).toMatchObject({
      required: ['image_urls', 'prompt', 'model'],
      properties: { image_urls: { type: 'array', items: { type: 'string' } } },
    })
    expect(toJsonSchema('openrouter/router', 'output')).toMatchObject({
      required: ['output'],
      properties: { partial: { default: false }, usage: { required: ['cost'] } },
    })
  })

  it.each(ids.filter((id) => endpoints[id].kind === 'prompt'))('%s: describes each field', (id) => {
    for (const side of ['input', 'output'] as const) {
      for (const field of Object.values(Object(toJsonSchema(id, side)['properties']))) {
        expect(field).toMatchObject({ description: expect.any(String) })
      }
    }
  })

  it('hands out a document of its own each time', () => {
    const document = toJsonSchema('openrouter/router', 'input')
    Object.assign(Object(document['properties']), { prompt: { type: 'integer' } })
    expect(validateInput('openrouter/router', { prompt: 'hi', model: 'a/b' }).ok).toBe(true)
    expect(toJsonSchema('openrouter/router', 'input')).not.toEqual(document)
  })

  it("describes an endpoint of the user's own through Standard JSON Schema", () => {
    const document = { type: 'object', properties: { prompt: { description: 'mine' } } }
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'mine',
        validate: (candidate: unknown) => ({ value: candidate }),
        jsonSchema: { input: () => document },
      },
    } as const
    const own = defineEndpoint({ ...endpoints['openrouter/router'], id: 'me/x', input: schema })
    expect(toJsonSchema(own, 'input')).toMatchObject(document)
  })

  it('rule 21: says what to do when a schema cannot describe itself', () => {
    const validate = (candidate: unknown): unknown => ({ value: candidate })
    const input = { '~standard': { version: 1, vendor: 'mine', validate } } as const
    const own = defineEndpoint({ ...endpoints['openrouter/router'], id: 'me/x', input })
    expect(() => toJsonSchema(own, 'input')).toThrow('must implement Standard JSON Schema')
  })
})
