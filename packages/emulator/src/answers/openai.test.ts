import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { parseEvents } from '../../test/read-events.ts'
import { get, post } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'
import type { EmulatorOptions } from '../options.ts'

const base = '/fal.run/openrouter/router/openai/v1'
const model = 'google/gemini-2.5-flash'

const chat = (content: unknown, more: object = {}, options: EmulatorOptions = {}) =>
  createEmulator(options).fetch(
    post(`${base}/chat/completions`, { model, messages: [{ role: 'user', content }], ...more }),
  )

interface Chunk {
  readonly choices: readonly {
    readonly delta: {
      readonly role?: string
      readonly content?: string
      readonly reasoning?: string
      readonly tool_calls?: readonly {
        readonly id?: string
        readonly function: { readonly name?: string; readonly arguments: string }
      }[]
    }
    readonly finish_reason: string | null
  }[]
  readonly usage?: { readonly cost: number }
  readonly error?: object
}

describe('a chat in one piece', () => {
  it('has OpenRouter’s shape, usage and cost included', async () => {
    const clock = createManualClock()
    const response = await chat('/echo hello', {}, { clock })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^gen-1000-/),
      object: 'chat.completion',
      created: 1000,
      model,
      provider: 'Emulator',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'hello', refusal: null, reasoning: null },
          finish_reason: 'stop',
          native_finish_reason: 'STOP',
          logprobs: null,
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, cost: 0.0000034 },
    })
  })

  it('ends with length when max_tokens cut it', async () => {
    for (const limit of ['max_tokens', 'max_completion_tokens']) {
      const body = await (await chat('/long 50', { [limit]: 3 })).json()
      expect(body).toMatchObject({ choices: [{ finish_reason: 'length' }] })
    }
  })

  it('carries a provider’s error on HTTP 200, without choices', async () => {
    const response = await chat('/echo a b\n/error Provider returned error')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      error: { code: 502, message: 'Provider returned error' },
      user_id: 'emulator',
    })
  })

  it('takes an image as an object and, as fal’s sample sends it, as a bare string', async () => {
    const image = 'https://fal.media/files/tiger/x.jpg'
    for (const image_url of [image, { url: image }]) {
      const content = [
        { type: 'text', text: 'Caption this.' },
        { type: 'image_url', image_url },
      ]
      const body = (await (await chat(content)).json()) as {
        choices: { message: { content: string } }[]
        usage: { prompt_tokens: number }
      }
      expect(body.choices[0]?.message.content).toContain(image)
      expect(body.usage.prompt_tokens).toBeGreaterThan(1000)
    }
  })

  it('rule 20: refuses a wrong request with 400 in OpenAI’s shape, everything at once', async () => {
    const response = await chat('hi', { model: undefined, temperature: 3 })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: {
        code: 400,
        message: 'model: Field required; temperature: Input should be less than or equal to 2',
      },
    })
  })

  it('keeps fal’s own texts for refused keys', async () => {
    const request = new Request(`http://127.0.0.1:1${base}/chat/completions`, { method: 'POST' })
    const response = await createEmulator().fetch(request)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining('"openrouter/router"'),
    })
  })
})

describe('a streamed chat', () => {
  const stream = async (content: string, more: object = {}, options: EmulatorOptions = {}) =>
    (await chat(content, { stream: true, ...more }, options)).text()

  it('begins with a comment, gives the role first, then deltas, finish, usage and [DONE]', async () => {
    const text = await stream('/echo one two')
    expect(text.startsWith(': OPENROUTER PROCESSING\n\ndata: {"id":"gen-')).toBe(true)
    expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true)
    expect(text).not.toContain('\r')
    expect(text).not.toContain('event:')
    const chunks = parseEvents<Chunk>(text)
    expect(chunks.map(({ choices: [choice] }) => choice)).toEqual([
      { index: 0, delta: { role: 'assistant', content: 'one' }, finish_reason: null },
      { index: 0, delta: { content: ' two' }, finish_reason: null },
      {
        index: 0,
        delta: { content: '' },
        finish_reason: 'stop',
        native_finish_reason: 'STOP',
      },
      { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
    ])
    expect(chunks.map(({ usage }) => usage !== undefined)).toEqual([false, false, false, true])
  })

  it('comments now and then', async () => {
    expect((await stream('/long 40')).match(/: OPENROUTER PROCESSING/g)?.length).toBeGreaterThan(3)
  })

  it('streams reasoning deltas before the text', async () => {
    const chunks = parseEvents<Chunk>(await stream('/echo hi', { reasoning: { effort: 'low' } }))
    const deltas = chunks.flatMap(({ choices }) => choices).map(({ delta }) => delta)
    expect(deltas[0]).toMatchObject({ role: 'assistant', reasoning: 'The' })
    expect(deltas.map(({ content }) => content ?? '').join('')).toBe('hi')
    expect(deltas.map(({ reasoning }) => reasoning ?? '').join('')).toContain('reasoning')
  })

  it('streams a tool call in fragments', async () => {
    const parameters = { properties: { city: { type: 'string' } } }
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }]
    const chunks = parseEvents<Chunk>(await stream('weather?', { tools }))
    const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])
    expect(calls[0]).toMatchObject({ id: 'call_1', function: { name: 'get_weather' } })
    expect(calls.length).toBeGreaterThan(2)
    expect(JSON.parse(calls.map((call) => call.function.arguments).join(''))).toEqual({
      city: 'some city',
    })
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toContain('tool_calls')
  })

  it('ends with finish_reason error and a top-level error, and no [DONE]', async () => {
    const text = await stream('/echo one two three four\n/error Provider disconnected')
    const last = parseEvents<Chunk>(text).at(-1)
    expect(last).toMatchObject({
      error: { code: 'server_error', message: 'Provider disconnected' },
      choices: [{ delta: { content: '' }, finish_reason: 'error' }],
    })
    expect(text).not.toContain('[DONE]')
  })

  it('puts what comes within the least interval into one chunk', async () => {
    const clock = createManualClock()
    const text = stream(
      '/echo one two three four five six',
      {},
      { clock, tokensPerSecond: 100, minEventIntervalMs: 30 },
    )
    await clock.advance(1000)
    const contents = parseEvents<Chunk>(await text).map(({ choices }) => choices[0]?.delta.content)
    expect(contents).toEqual(['one', ' two three four', ' five six', '', ''])
  })

  it('gives the role even to an answer without a word', async () => {
    const [first] = parseEvents<Chunk>(await stream('/empty'))
    expect(first?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' })
  })
})

describe('models', () => {
  it('are listed in OpenAI’s shape', async () => {
    const response = await createEmulator().fetch(get(`${base}/models`))
    expect(await response.json()).toMatchObject({
      object: 'list',
      data: expect.arrayContaining([
        expect.objectContaining({ id: model, object: 'model', owned_by: 'google' }),
      ]),
    })
  })
})
