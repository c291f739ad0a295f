import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FalLlmError } from '../../errors.ts'
import type { Endpoint } from '../endpoint.ts'
import { endpoints } from '../registry.ts'
import { toWireInput } from './to-wire-input.ts'
import type { WireRequest } from './to-wire-input.ts'
import { validateInput } from './validate-input.ts'

const anyLlm = endpoints['fal-ai/any-llm']
const router = endpoints['openrouter/router']
const vision = endpoints['openrouter/router/vision']
const openAi = endpoints['openrouter/router/openai/v1/chat/completions']
const url = 'https://a.example/b.png'
const other = 'data:image/png;base64,AAAA'

function refusal(endpoint: Endpoint, request: object): FalLlmError {
  try {
    toWireInput(endpoint, request)
  } catch (error) {
    if (error instanceof FalLlmError) return error
    throw error
  }
  throw new Error('was not refused')
}

describe('for an endpoint that takes one prompt', () => {
  it.each<[string, Endpoint, WireRequest, object]>([
    ['a bare prompt', anyLlm, { prompt: 'hi' }, { prompt: 'hi' }],
    [
      'everything',
      anyLlm,
      {
        prompt: 'hi',
        system: 'Be brief.',
        model: 'openai/o3',
        params: { maxTokens: 5, temperature: 0, reasoning: true, priority: 'throughput' },
        stream: true,
      },
      {
        prompt: 'hi',
        system_prompt: 'Be brief.',
        model: 'openai/o3',
        max_tokens: 5,
        temperature: 0,
        reasoning: true,
        priority: 'throughput',
      },
    ],
    [
      'one user message with system messages',
      router,
      {
        system: 'One.',
        messages: [
          { role: 'system', content: 'Two.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
          { role: 'system', content: [{ type: 'text', text: 'Three.' }] },
        ],
      },
      { prompt: 'a\nb', system_prompt: 'One.\n\nTwo.\n\nThree.' },
    ],
    [
      'images beside the prompt',
      vision,
      { prompt: 'hi', imageUrls: [url, other] },
      { prompt: 'hi', image_urls: [url, other] },
    ],
    [
      'images in the message before those beside it',
      vision,
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', url },
              { type: 'text', text: 'hi' },
            ],
          },
        ],
        imageUrls: [other],
      },
      { prompt: 'hi', image_urls: [url, other] },
    ],
    [
      'only an image',
      vision,
      { messages: [{ role: 'user', content: [{ type: 'image', url }] }] },
      { prompt: '', image_urls: [url] },
    ],
    [
      'no image, where the list is required',
      vision,
      { prompt: 'hi' },
      { prompt: 'hi', image_urls: [] },
    ],
    [
      'images as a parameter',
      vision,
      { prompt: 'hi', params: { imageUrls: [url] } },
      { prompt: 'hi', image_urls: [url] },
    ],
  ])('shapes %s', (_name, endpoint, request, wire) => {
    expect(toWireInput(endpoint, request)).toEqual(wire)
  })

  it('rule 21: refuses a conversation and names the endpoint that takes one', () => {
    const user = { role: 'user', content: 'hi' } as const
    const assistant = { role: 'assistant', content: 'ho' } as const
    for (const messages of [[user, user], [user, assistant], [assistant]]) {
      expect(refusal(router, { messages })).toMatchObject({
        code: 'unsupported',
        endpoint: 'openrouter/router',
        message:
          '"openrouter/router" takes one prompt, not a conversation. Use "openrouter/router/openai/v1/chat/completions".',
      })
    }
  })

  it('rule 21: refuses images where none are looked at and names the endpoint that does', () => {
    const inMessage = [{ role: 'user', content: [{ type: 'image', url }] }]
    for (const request of [{ prompt: 'hi', imageUrls: [url] }, { messages: inMessage }]) {
      expect(refusal(anyLlm, request)).toMatchObject({
        code: 'unsupported',
        message: '"fal-ai/any-llm" does not look at images. Use "openrouter/router/vision".',
      })
    }
    expect(toWireInput(anyLlm, { prompt: 'hi', imageUrls: [] })).toEqual({ prompt: 'hi' })
  })
})

describe('for an endpoint that takes messages', () => {
  it.each<[string, WireRequest, object]>([
    ['a bare prompt', { prompt: 'hi' }, { messages: [{ role: 'user', content: 'hi' }] }],
    [
      'everything',
      {
        system: 'Be brief.',
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'c' },
              { type: 'image', url },
            ],
          },
        ],
        model: 'a/b',
        stream: true,
        params: { maxTokens: 5, top_p: 0.5, responseFormat: { type: 'json_object' } },
      },
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'c' },
              { type: 'image_url', image_url: { url } },
            ],
          },
        ],
        model: 'a/b',
        stream: true,
        max_tokens: 5,
        top_p: 0.5,
        response_format: { type: 'json_object' },
      },
    ],
    [
      'images into the last user turn',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
          { role: 'assistant', content: 'c' },
        ],
        imageUrls: [url],
      },
      {
        messages: [
          { role: 'user', content: 'a' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'b' },
              { type: 'image_url', image_url: { url } },
            ],
          },
          { role: 'assistant', content: 'c' },
        ],
      },
    ],
    [
      'images into a turn of their own where no user spoke',
      { messages: [{ role: 'system', content: 'a' }], imageUrls: [url] },
      {
        messages: [
          { role: 'system', content: 'a' },
          { role: 'user', content: [{ type: 'image_url', image_url: { url } }] },
        ],
      },
    ],
    [
      'reasoning, which is an object there',
      { prompt: 'hi', params: { reasoning: true } },
      { messages: [{ role: 'user', content: 'hi' }], reasoning: { enabled: true } },
    ],
    [
      'reasoning that is one already',
      { prompt: 'hi', params: { reasoning: { effort: 'high' } }, stream: false },
      { messages: [{ role: 'user', content: 'hi' }], reasoning: { effort: 'high' }, stream: false },
    ],
  ])('shapes %s', (_name, request, wire) => {
    expect(toWireInput(openAi, request)).toEqual(wire)
  })
})

describe('toWireInput', () => {
  it('leaves out what is undefined, so that fal keeps its defaults', () => {
    const request = {
      prompt: 'hi',
      system: undefined,
      model: undefined,
      params: { temperature: undefined },
      stream: undefined,
    }
    expect(Object.keys(toWireInput(anyLlm, request))).toEqual(['prompt'])
    expect(Object.keys(toWireInput(openAi, request))).toEqual(['messages'])
  })

  it('lets what is named win over a parameter of the same name', () => {
    const params = { prompt: 'no', model: 'no', systemPrompt: 'no', system_prompt: 'no' }
    expect(toWireInput(router, { prompt: 'hi', model: 'a/b', system: 'yes', params })).toEqual({
      prompt: 'hi',
      model: 'a/b',
      system_prompt: 'yes',
    })
    expect(toWireInput(router, { prompt: 'hi', params: { model: 'a/b' } })).toEqual({
      prompt: 'hi',
      model: 'a/b',
    })
  })

  it('does not change the request', () => {
    const messages = [{ role: 'user', content: [{ type: 'image', url }] }] as const
    const before = structuredClone(messages)
    toWireInput(openAi, { messages, imageUrls: [other], system: 'x' })
    expect(messages).toEqual(before)
  })

  it.each([
    [
      { prompt: 'hi', messages: [] },
      'body.prompt: cannot stand beside messages: give one of the two',
    ],
    [{}, 'body.prompt: is required, or messages'],
    [{ messages: 'hi' }, 'body.messages: must be a list of { role, content }'],
    [{ messages: [null] }, 'body.messages: must be a list of { role, content }'],
    [{ prompt: 'hi', imageUrls: url }, 'body.image_urls: must be a list of URLs'],
    [
      {
        prompt: 'hi',
        params: {
          get maxTokens(): number {
            throw new Error('mine')
          },
        },
      },
      'body.max_tokens: could not be read: its getter threw',
    ],
  ])('rule 21: refuses misuse with what to do', (request, message) => {
    for (const endpoint of [vision, openAi]) {
      const error = refusal(endpoint, request)
      expect(error).toMatchObject({ code: 'invalid-input', message })
      expect(error.issues).toHaveLength(1)
    }
  })

  it('refuses messages without a user turn where one prompt is taken', () => {
    expect(refusal(router, { messages: [] })).toMatchObject({
      code: 'invalid-input',
      message: 'body.messages: has no user turn',
    })
  })

  it('keeps "__proto__" among the parameters from becoming a prototype', () => {
    const params: Record<string, unknown> = JSON.parse('{"__proto__":{"polluted":true}}')
    const wire = toWireInput(router, { prompt: 'hi', params })
    expect(Object.getPrototypeOf(wire)).toBe(Object.prototype)
    expect(validateInput(router, { ...wire, model: 'a/b' })).toEqual({
      ok: true,
      value: { prompt: 'hi', model: 'a/b' },
    })
  })

  it.each([
    [router, { prompt: 5 }, 'body.prompt'],
    [router, { messages: [{ role: 'user' }] }, 'body.prompt'],
    [router, { prompt: 'hi', system: 5 }, 'body.system_prompt'],
    [openAi, { prompt: 5 }, 'body.messages.0.content'],
    [openAi, { messages: [{ role: 'robot', content: 'hi' }] }, 'body.messages.0.role'],
    [openAi, { messages: [{ role: 'user', content: [null] }] }, 'body.messages.0.content.0'],
    [vision, { prompt: 'hi', imageUrls: [5] }, 'body.image_urls.0'],
  ])('%# leaves wrong values for validateInput to name', (endpoint, request: object, path) => {
    const checked = validateInput(endpoint, toWireInput(endpoint, { ...request, model: 'a/b' }))
    expect(checked).toMatchObject({ ok: false, issues: [{ path }] })
  })

  it('makes an input that validates of every well-formed request', () => {
    const text = fc.record({ type: fc.constant('text' as const), text: fc.string() })
    const image = fc.record({ type: fc.constant('image' as const), url: fc.webUrl() })
    const turn = (role: 'user' | 'assistant' | 'system') =>
      fc.record({
        role: fc.constant(role),
        content: fc.oneof(fc.string(), fc.array(role === 'user' ? fc.oneof(text, image) : text)),
      })
    const request = fc.record(
      {
        system: fc.string(),
        imageUrls: fc.array(fc.webUrl(), { maxLength: 3 }),
        stream: fc.boolean(),
        params: fc.record(
          {
            temperature: fc.double({ min: 0, max: 2, noNaN: true }),
            maxTokens: fc.integer({ min: 1 }),
            reasoning: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    )
    const roles = fc.constantFrom('user', 'assistant', 'system').chain(turn)
    const conversation = fc.array(roles, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(request, turn('user'), conversation, (base, single, messages) => {
        const model = 'a/b'
        for (const [endpoint, turns] of [
          [vision, [single]],
          [openAi, messages],
        ] as const) {
          const wire = toWireInput(endpoint, { ...base, model, messages: turns })
          expect(validateInput(endpoint, wire)).toEqual({ ok: true, value: wire })
        }
      }),
    )
  })
})
