import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InputIssue } from '../../errors.ts'
import type { EndpointId } from '../endpoint-map.ts'
import { defineEndpoint } from '../endpoint.ts'
import type { StandardSchema } from '../endpoint.ts'
import { isList } from '../validate/is-list.ts'
import { endpoints } from '../registry.ts'
import { validateInput } from './validate-input.ts'

const anyLlm = 'fal-ai/any-llm'
const enterprise = 'fal-ai/any-llm/enterprise'
const router = 'openrouter/router'
const vision = 'openrouter/router/vision'
const openAi = 'openrouter/router/openai/v1/chat/completions'

const smallest: Record<EndpointId, Readonly<Record<string, unknown>>> = {
  [anyLlm]: { prompt: 'hi' },
  [enterprise]: { prompt: 'hi' },
  [router]: { prompt: 'hi', model: 'a/b' },
  [vision]: { prompt: 'hi', model: 'a/b', image_urls: ['https://a.example/b.png'] },
  [openAi]: { model: 'a/b', messages: [{ role: 'user', content: 'hi' }] },
}
const ids = Object.keys(smallest) as EndpointId[] // The keys of a Record<EndpointId, …>.

function issuesOf(endpoint: EndpointId, input: unknown): readonly InputIssue[] {
  const checked = validateInput(endpoint, input)
  return checked.ok ? [] : checked.issues
}

/** The one issue of an otherwise complete input. */
function issueOf(endpoint: EndpointId, fields: object): InputIssue | undefined {
  const [issue, ...others] = issuesOf(endpoint, { ...smallest[endpoint], ...fields })
  expect(others).toEqual([])
  return issue
}

const circular: Record<string, unknown> = {}
circular['self'] = circular

const revoked = Proxy.revocable({}, {})
revoked.revoke()

const hostile: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['a string', 'hot'],
  ['an empty string', ''],
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['a negative number', -1],
  ['a fraction', 1.5],
  ['a huge number', 1e308],
  ['true', true],
  ['an empty list', []],
  ['a list of null', [null]],
  ['a hollow list', Array.from({ length: 3 })],
  ['an enormous hollow list', Object.assign([], { length: 4_294_967_295 })],
  ['an object', { a: 1 }],
  ['an object without prototype', Object.create(null)],
  ['a circular object', circular],
  ['a revoked Proxy', revoked.proxy],
  ['a BigInt', 10n],
  ['a symbol', Symbol('x')],
  ['a function', () => 1],
  ['a Date', new Date(0)],
  ['a Map', new Map([['prompt', 'x']])],
  ['a boxed string', Object('x')],
  ['a million characters', 'x'.repeat(1_000_000)],
  ['a lone surrogate', 'a\ud800b'],
  ['"__proto__"', '__proto__'],
]

/** Every field of every endpoint with the types of issue its bad values may have. */
const fields: readonly (readonly [EndpointId, string, RegExp])[] = [
  [anyLlm, 'prompt', /^string_type$/],
  [anyLlm, 'system_prompt', /^string_type$/],
  [anyLlm, 'reasoning', /^bool_(type|parsing)$/],
  [anyLlm, 'priority', /^literal_error$/],
  [anyLlm, 'temperature', /^(float_(type|parsing)|(less|greater)_than_equal)$/],
  [anyLlm, 'max_tokens', /^(int_(type|parsing|from_float)|greater_than_equal|finite_number)$/],
  [anyLlm, 'model', /^literal_error$/],
  [enterprise, 'prompt', /^string_type$/],
  [enterprise, 'system_prompt', /^string_type$/],
  [enterprise, 'reasoning', /^bool_(type|parsing)$/],
  [enterprise, 'priority', /^literal_error$/],
  [enterprise, 'model', /^literal_error$/],
  [router, 'prompt', /^string_type$/],
  [router, 'system_prompt', /^string_type$/],
  [router, 'model', /^string_type$/],
  [router, 'reasoning', /^bool_(type|parsing)$/],
  [router, 'temperature', /^(float_(type|parsing)|(less|greater)_than_equal)$/],
  [router, 'max_tokens', /^(int_(type|parsing|from_float)|greater_than_equal|finite_number)$/],
  [vision, 'prompt', /^string_type$/],
  [vision, 'system_prompt', /^string_type$/],
  [vision, 'model', /^string_type$/],
  [vision, 'image_urls', /^(list_type|string_type|too_long)$/],
  [vision, 'reasoning', /^bool_(type|parsing)$/],
  [vision, 'temperature', /^(float_(type|parsing)|(less|greater)_than_equal)$/],
  [vision, 'max_tokens', /^(int_(type|parsing|from_float)|greater_than_equal|finite_number)$/],
  [openAi, 'model', /^string_type$/],
  [openAi, 'messages', /^(list_type|model_attributes_type|too_short|too_long)$/],
  [openAi, 'temperature', /^(float_(type|parsing)|(less|greater)_than_equal)$/],
  [openAi, 'top_p', /^(float_(type|parsing)|(less|greater)_than_equal)$/],
  [openAi, 'frequency_penalty', /^(float_(type|parsing)|(less|greater)_than_equal)$/],
  [openAi, 'presence_penalty', /^(float_(type|parsing)|(less|greater)_than_equal)$/],
  [openAi, 'max_tokens', /^(int_(type|parsing|from_float)|greater_than_equal|finite_number)$/],
  [
    openAi,
    'max_completion_tokens',
    /^(int_(type|parsing|from_float)|greater_than_equal|finite_number)$/,
  ],
  [openAi, 'reasoning', /^(model_attributes_type|get_attribute_error|value_error)$/],
  [openAi, 'stream', /^bool_(type|parsing)$/],
  [anyLlm, 'a_field_fal_does_not_know', /^value_error$/],
]

describe('rule 20: one issue per wrong field', () => {
  it.each(fields)('%s %s: every bad value names the field', (endpoint, field, types) => {
    for (const [name, value] of hostile) {
      const issues = issuesOf(endpoint, { ...smallest[endpoint], [field]: value })
      const wanted = `body.${field}`
      const stray = issues.filter(({ path }) => path !== wanted && !path.startsWith(`${wanted}.`))
      expect(stray, name).toEqual([])
      for (const { type, message } of issues) {
        expect(type, name).toMatch(types)
        expect(message, name).toMatch(/^(must|is|cannot|could) /)
        expect(message.length, name).toBeLessThan(200)
      }
      if (!isList(value)) expect(issues.length, name).toBeLessThanOrEqual(1)
    }
  })

  it.each(fields)('%s %s: a getter that throws is an issue of the field', (endpoint, field) => {
    const input = { ...smallest[endpoint] }
    Object.defineProperty(input, field, {
      enumerable: true,
      get() {
        throw new Error('mine')
      },
    })
    expect(issuesOf(endpoint, input)).toEqual([
      {
        path: `body.${field}`,
        type: 'get_attribute_error',
        message: 'could not be read: its getter threw',
      },
    ])
  })

  it('names all wrong fields at once, in the order of the schema', () => {
    const issues = issuesOf(router, {
      max_tokens: 0,
      temperature: 3,
      reasoning: 'maybe',
      system_prompt: 5,
      extra: 1n,
    })
    expect(issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'body.prompt: is required',
      'body.system_prompt: must be a string, not 5',
      'body.model: is required',
      'body.reasoning: must be true or false, not a string',
      'body.temperature: must be between 0 and 2',
      'body.max_tokens: must be at least 1',
      'body.extra: cannot be sent as JSON: it is circular, too deep or holds a BigInt',
    ])
  })

  it.each([
    [0, true],
    [2, true],
    [-Number.EPSILON, false],
    [2 + 4 * Number.EPSILON, false],
    [Number.MIN_VALUE, true],
    [-Number.MIN_VALUE, false],
  ])('a temperature of %s is in range: %s', (temperature, ok) => {
    for (const id of [anyLlm, router, vision, openAi] as const) {
      expect(validateInput(id, { ...smallest[id], temperature }).ok).toBe(ok)
    }
  })

  it('lets null through only where fal has no default', () => {
    expect(validateInput(anyLlm, { prompt: 'hi', temperature: null })).toEqual({
      ok: true,
      value: { prompt: 'hi', temperature: null },
    })
    expect(issueOf(router, { temperature: null })).toMatchObject({ type: 'float_type' })
    expect(issueOf(anyLlm, { model: null })).toMatchObject({ type: 'literal_error' })
    expect(issueOf(anyLlm, { prompt: null })).toMatchObject({ type: 'string_type' })
  })

  it('counts undefined as absent', () => {
    expect(validateInput(anyLlm, { prompt: 'hi', model: undefined, extra: undefined })).toEqual({
      ok: true,
      value: { prompt: 'hi' },
    })
    expect(issuesOf(anyLlm, { prompt: undefined })).toMatchObject([
      { path: 'body.prompt', type: 'missing' },
    ])
  })

  it.each(ids)('%s: names every required field of an empty input', (id) => {
    expect(
      issuesOf(id, {})
        .map(({ path, type }) => [path, type])
        .toSorted(),
    ).toEqual(
      Object.keys(smallest[id])
        .map((field) => [`body.${field}`, 'missing'])
        .toSorted(),
    )
  })

  it.each([undefined, null])('%s is a missing body', (input) => {
    expect(issuesOf(anyLlm, input)).toEqual([
      { path: 'body', message: 'is required', type: 'missing' },
    ])
  })

  it.each([5, 'prompt', true, [], [{ prompt: 'x' }], Symbol('x'), 1n, () => 1])(
    'a body that is no object is refused as a whole',
    (input) => {
      expect(issuesOf(anyLlm, input)).toMatchObject([
        { path: 'body', type: 'model_attributes_type' },
      ])
    },
  )

  it('a body that cannot be read is refused as a whole', () => {
    const thrower = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('mine')
        },
      },
    )
    for (const input of [thrower, revoked.proxy]) {
      expect(issuesOf(anyLlm, input)).toMatchObject([{ path: 'body', type: 'get_attribute_error' }])
    }
  })

  it('reads every property once: what was checked is what is returned', () => {
    let reads = 0
    const input = {
      get prompt(): unknown {
        reads += 1
        return reads === 1 ? 'first' : 5
      },
    }
    expect(validateInput(anyLlm, input)).toEqual({ ok: true, value: { prompt: 'first' } })
  })

  it('never repeats what the user wrote', () => {
    const secret = 'my diary'
    const issues = issuesOf(openAi, {
      model: [secret],
      messages: [{ role: secret, content: { text: secret } }],
      temperature: secret,
      reasoning: secret,
    })
    expect(issues.length).toBe(5)
    expect(JSON.stringify(issues)).not.toContain(secret)
  })
})

describe('rule 21: what an issue says to do', () => {
  it.each([
    [anyLlm, { temperature: 2.1 }, 'must be between 0 and 2', { le: 2 }],
    [anyLlm, { temperature: -1 }, 'must be between 0 and 2', { ge: 0 }],
    [anyLlm, { temperature: 'hot' }, 'must be a number (between 0 and 2), not a string', undefined],
    [anyLlm, { max_tokens: 1.5 }, 'must be a whole number (at least 1), not 1.5', undefined],
    [anyLlm, { max_tokens: NaN }, 'must be a whole number (at least 1), not NaN', undefined],
    [anyLlm, { max_tokens: 0 }, 'must be at least 1', { ge: 1 }],
    [anyLlm, { reasoning: [] }, 'must be true or false, not a list', undefined],
    [
      anyLlm,
      { priority: 'fast' },
      'must be "throughput" or "latency"',
      { expected: "'throughput' or 'latency'" },
    ],
    [vision, { image_urls: 'https://a.example' }, 'must be a list, not a string', undefined],
    [vision, { image_urls: [{ url: 'x' }] }, 'must be a string, not an object', undefined],
  ] as const)('%s %j', (endpoint, input, message, ctx) => {
    expect(issueOf(endpoint, input)).toMatchObject({ message, ...(ctx && { ctx }) })
  })

  it('an unknown model is answered with the nearest one, and the list as data', () => {
    expect(issueOf(anyLlm, { model: 'openai/gpt4o' })).toEqual({
      path: 'body.model',
      type: 'literal_error',
      message:
        'must be one of 26 models, for example "google/gemini-2.5-flash-lite"; nearest is "openai/gpt-4o"',
      ctx: {
        expected: `${endpoints[anyLlm].models
          .slice(0, -1)
          .map(({ id }) => `'${id}'`)
          .join(', ')} or 'meta-llama/llama-4-scout'`,
      },
    })
    expect(issueOf(enterprise, { model: 'zzz' })?.message).toBe(
      'must be one of 22 models, for example "google/gemini-flash-1.5"',
    )
    expect(issueOf(enterprise, { model: 'google/gemini-2.5-flash' })?.type).toBe('literal_error')
  })

  it('an open catalogue takes any model', () => {
    for (const id of [router, vision, openAi] as const) {
      expect(validateInput(id, { ...smallest[id], model: 'x-ai/grok-9' }).ok).toBe(true)
    }
  })

  it('an unknown endpoint is an issue of its own, with the nearest one', () => {
    // Not an EndpointId, which is the point.
    const unknown = 'openrouter/ruter' as EndpointId
    expect(issuesOf(unknown, { prompt: 'hi' })).toEqual([
      {
        path: 'endpoint',
        type: 'value_error',
        message:
          'Unknown endpoint "openrouter/ruter". Did you mean "openrouter/router"? For your own fal app use defineEndpoint().',
      },
    ])
  })
})

describe('messages of the OpenAI-shaped endpoint', () => {
  const image = { type: 'image_url', image_url: { url: 'https://a.example/b.png' } }

  it.each([
    [[{ role: 'user', content: 'hi' }]],
    [[{ role: 'user', content: '' }]],
    [[{ role: 'user', content: [] }]],
    [[{ role: 'developer', content: [{ type: 'text', text: 'hi' }, image] }]],
    [[{ role: 'user', content: [{ type: 'image_url', image_url: 'https://a.example/b.png' }] }]],
    [[{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'x' } }] }]],
    [[{ role: 'assistant', content: null, tool_calls: [{ id: '1' }] }]],
    [[{ role: 'assistant', tool_calls: [{ id: '1' }] }]],
    [[{ role: 'tool', content: '4', tool_call_id: '1' }]],
  ])('accepts %j unchanged', (messages) => {
    expect(validateInput(openAi, { model: 'a/b', messages })).toEqual({
      ok: true,
      value: { model: 'a/b', messages },
    })
  })

  it.each([
    [[], 'body.messages', 'too_short', 'must have 1 or more items'],
    ['hi', 'body.messages', 'list_type', 'must be a list, not a string'],
    [['hi'], 'body.messages.0', 'model_attributes_type', 'must be an object, not a string'],
    [[{ content: 'x' }], 'body.messages.0.role', 'missing', 'is required'],
    [
      [{ role: 'human', content: 'x' }],
      'body.messages.0.role',
      'literal_error',
      'must be "system" or "user" or "assistant" or "tool" or "developer"',
    ],
    [[{ role: 'user' }], 'body.messages.0.content', 'missing', 'is required'],
    [
      [{ role: 'user', content: null }],
      'body.messages.0.content',
      'string_type',
      'must be a string or a list, not null',
    ],
    [
      [{ role: 'assistant', content: 5 }],
      'body.messages.0.content',
      'string_type',
      'must be a string or a list, not 5',
    ],
    [
      [{ role: 'user', content: [{ text: 'x' }] }],
      'body.messages.0.content.0.type',
      'missing',
      'is required',
    ],
    [
      [{ role: 'user', content: [{ type: 'text' }] }],
      'body.messages.0.content.0.text',
      'missing',
      'is required',
    ],
    [
      [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }],
      'body.messages.0.content.0.image_url.url',
      'missing',
      'is required',
    ],
    [
      [{ role: 'user', content: [{ type: 'image_url', image_url: 5 }] }],
      'body.messages.0.content.0.image_url',
      'model_attributes_type',
      'must be an object or a string, not 5',
    ],
  ])('refuses %j', (messages, path, type, message) => {
    expect(issuesOf(openAi, { model: 'a/b', messages })).toMatchObject([{ path, type, message }])
  })

  it('passes every other parameter through', () => {
    const input = { ...smallest[openAi], tools: [{ type: 'function' }], stop: ['a'], seed: 1 }
    expect(validateInput(openAi, input)).toEqual({ ok: true, value: input })
  })
})

describe('validateInput', () => {
  it('never throws and never pollutes, whatever it is given', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    fc.assert(
      fc.property(fc.constantFrom(...ids), fc.anything({ withBigInt: true }), (id, input) => {
        const checked = validateInput(id, input)
        expect(checked.ok || checked.issues.length > 0).toBe(true)
      }),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...fields),
        fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
        ([endpoint, field], value) => {
          const issues = issuesOf(endpoint, { ...smallest[endpoint], [field]: value })
          expect(issues.every(({ path }) => path.startsWith(`body.${field}`))).toBe(true)
        },
      ),
    )
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  })

  it('returns what it returned when asked again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), ([endpoint, field], value) => {
        const first = validateInput(endpoint, { ...smallest[endpoint], [field]: value })
        if (first.ok) expect(validateInput(endpoint, first.value)).toEqual(first)
      }),
    )
  })

  it('keeps unknown fields as they are, without __proto__', () => {
    const extra = { deep: { a: [1, { b: null }] } }
    const input: unknown = JSON.parse(
      '{"prompt":"hi","__proto__":{"polluted":true},"constructor":1,"toString":"x"}',
    )
    const checked = validateInput(anyLlm, Object.assign(Object(input), { extra }))
    if (!checked.ok) throw new Error('was refused')
    expect(Object.entries(checked.value)).toEqual([
      ['prompt', 'hi'],
      ['constructor', 1],
      ['toString', 'x'],
      ['extra', extra],
    ])
    expect(checked.value['extra']).toBe(extra)
    expect(Object.getPrototypeOf(checked.value)).toBe(Object.prototype)
    expect('polluted' in {}).toBe(false)
  })

  it('leaves the input untouched', () => {
    const input = Object.freeze({ prompt: 'hi', temperature: '0.5' })
    expect(validateInput(anyLlm, input)).toEqual({
      ok: true,
      value: { prompt: 'hi', temperature: 0.5 },
    })
    expect(input.temperature).toBe('0.5')
  })

  it('checks a million characters and a deep field without delay', () => {
    let deep: unknown = 1
    for (let depth = 0; depth < 100_000; depth++) deep = [deep]
    const startedAt = performance.now()
    const issues = issuesOf(anyLlm, {
      prompt: 'x'.repeat(1_000_000),
      model: 'm'.repeat(1_000_000),
      temperature: '1'.repeat(1_000_000) + 'x',
      max_tokens: ' '.repeat(1_000_000) + '!',
      deep,
    })
    expect(issues.map(({ path }) => path)).toEqual([
      'body.temperature',
      'body.max_tokens',
      'body.model',
      'body.deep',
    ])
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})

describe("a schema of the user's own", () => {
  function own(validate: StandardSchema['~standard']['validate']) {
    const input = { '~standard': { version: 1, vendor: 'mine', validate } } as const
    return defineEndpoint({ ...endpoints[router], id: 'me/my-llm', input })
  }

  it('is asked, and its issues get a path and a type', () => {
    const endpoint = own(() => ({
      issues: [{ message: 'too rude', path: ['prompt', { key: 0 }] }, { message: 'no' }],
    }))
    expect(validateInput(endpoint, { prompt: 'hi' })).toEqual({
      ok: false,
      issues: [
        { path: 'body.prompt.0', message: 'too rude', type: 'value_error' },
        { path: 'body', message: 'no', type: 'value_error' },
      ],
    })
    expect(
      validateInput(
        own((value) => ({ value })),
        { prompt: 'hi' },
      ),
    ).toEqual({
      ok: true,
      value: { prompt: 'hi' },
    })
  })

  it.each([
    ['throws', () => { throw new Error('mine') }], // prettier-ignore
    ['returns nothing', () => undefined],
    ['returns no object', () => ({ value: 'x' })],
    ['is asynchronous', async () => ({ value: {} })],
    ['is asynchronous and fails', () => Promise.reject(new Error('mine'))],
  ])('that %s is an issue, never an exception', (_name, validate) => {
    expect(validateInput(own(validate), { prompt: 'hi' })).toMatchObject({
      ok: false,
      issues: [{ path: 'body', type: 'value_error' }],
    })
  })
})
