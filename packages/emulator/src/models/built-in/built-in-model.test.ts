import { endpoints } from '@fal-llm/core/endpoints'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../../test/manual-clock.ts'
import { systemClock } from '../../clock.ts'
import { collectAnswer } from '../collect-answer.ts'
import { findPrice } from '../prices.ts'
import { toQuestion } from '../question.ts'
import { toUsage } from '../usage.ts'
import { createBuiltInModel } from './built-in-model.ts'

const router = endpoints['openrouter/router']
const openAi = endpoints['openrouter/router/openai/v1/chat/completions']
const model = createBuiltInModel({ tokensPerSecond: Infinity, firstTokenMs: 0, clock: systemClock })
const never = new AbortController().signal

function ask(input: Record<string, unknown>, endpoint: typeof router | typeof openAi = router) {
  const question = toQuestion(endpoint, { model: 'google/gemini-2.5-flash', ...input })
  return collectAnswer(model(question, never))
}

describe('createBuiltInModel', () => {
  it('states what it is and what it received: model, parameters, turns, system prompt', async () => {
    const { text } = await ask({
      prompt: 'User: hi\n\nAssistant: hello\n\nUser: and now?',
      system_prompt: 'Be brief.',
      temperature: 0.5,
      max_tokens: 900,
    })
    expect(text).toContain('## The emulator answers')
    expect(text).toContain('`google/gemini-2.5-flash`')
    expect(text).toContain('turns: 3 in all, 2 of them yours')
    expect(text).toContain('> and now?')
    expect(text).toContain('| `temperature` | `0.5` |')
    expect(text).toContain('Be brief.')
  })

  it('gives the same answer to the same question', async () => {
    expect(await ask({ prompt: 'hi' })).toEqual(await ask({ prompt: 'hi' }))
  })

  it('obeys only the last turn of the user', async () => {
    expect((await ask({ prompt: 'User: /echo no\n\nUser: hi' })).text).toContain('> hi')
    expect((await ask({ prompt: 'User: hi\n\nUser: /echo yes' })).text).toBe('yes')
  })

  it('counts the user’s messages and the images of a conversation in OpenAI’s shape', async () => {
    const { text } = await ask(
      {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'one' },
          { role: 'assistant', content: 'two' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'three' },
              { type: 'image_url', image_url: 'https://a.example/bare.png' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            ],
          },
        ],
      },
      openAi,
    )
    expect(text).toContain('turns: 3 in all, 2 of them yours')
    expect(text).toContain('https://a.example/bare.png')
    expect(text).toContain('a data URI of 26 characters, image/png')
  })

  it('gives reasoning when it is asked for', async () => {
    expect((await ask({ prompt: 'hi' })).reasoning).toBe('')
    expect((await ask({ prompt: 'hi', reasoning: true })).reasoning).not.toBe('')
    const messages = [{ role: 'user', content: 'hi' }]
    expect((await ask({ messages, reasoning: { effort: 'low' } }, openAi)).reasoning).not.toBe('')
    expect((await ask({ messages, reasoning: { enabled: false } }, openAi)).reasoning).toBe('')
  })

  it('stops at max_tokens and ends with length', async () => {
    const answer = await ask({ prompt: '/long 50', max_tokens: 4 })
    expect(answer.text).toBe('The quick brown fox')
    expect(answer.reason).toBe('length')
    expect(answer.usage?.completion_tokens).toBe(4)
  })

  it('ends with an error after half of the text for /error', async () => {
    const answer = await ask({ prompt: '/echo one two three four\n/error broken' })
    expect(answer).toMatchObject({ text: 'one two', error: 'broken', reason: undefined })
  })

  it('calls the first tool with made-up arguments, in fragments, unless a result came', async () => {
    const tools = [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          parameters: {
            properties: {
              city: { type: 'string' },
              days: { type: 'integer' },
              unit: { enum: ['C'] },
            },
          },
        },
      },
    ]
    const messages = [{ role: 'user', content: 'weather?' }]
    const answer = await ask({ messages, tools }, openAi)
    expect(answer.reason).toBe('tool_calls')
    expect(answer.toolCalls).toMatchObject([{ id: 'call_1', name: 'get_weather' }])
    expect(JSON.parse(answer.toolCalls[0]?.arguments ?? '')).toEqual({
      city: 'some city',
      days: 42,
      unit: 'C',
    })
    const told = [...messages, { role: 'tool', tool_call_id: 'call_1', content: 'sunny' }]
    expect((await ask({ messages: told, tools }, openAi)).toolCalls).toEqual([])
  })

  it('keeps to its time to first token and its speed', async () => {
    const clock = createManualClock()
    const paced = createBuiltInModel({ tokensPerSecond: 10, firstTokenMs: 500, clock })
    const question = toQuestion(router, { model: 'm', prompt: '/echo one two three' })
    const heard: string[] = []
    const listening = (async () => {
      for await (const piece of paced(question, never)) {
        heard.push(piece.type === 'text' ? piece.text : piece.type)
      }
    })()
    await clock.advance(499)
    expect(heard).toEqual([])
    await clock.advance(1)
    expect(heard).toEqual(['one'])
    await clock.advance(200)
    expect(heard).toEqual(['one', ' two', ' three', 'end'])
    await listening
  })

  it('stops waiting the moment it is aborted, and leaves no timer behind', async () => {
    const clock = createManualClock()
    const paced = createBuiltInModel({ tokensPerSecond: 10, firstTokenMs: 500, clock })
    const abort = new AbortController()
    const answer = collectAnswer(paced(toQuestion(router, { prompt: 'hi' }), abort.signal))
    const outcome = expect(answer).rejects.toThrow('abort')
    await clock.advance(100)
    expect(clock.pending).toBe(1)
    abort.abort()
    await outcome
    expect(clock.pending).toBe(0)
  })
})

describe('toUsage', () => {
  it('charges what the examples on fal’s pages charge', () => {
    const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ')
    const text = toQuestion(router, { model: 'google/gemini-2.5-flash', prompt: words(40) })
    expect(toUsage(text, 227)).toEqual({
      prompt_tokens: 40,
      completion_tokens: 227,
      total_tokens: 267,
      cost: 0.0005795,
    })
    const image = toQuestion(endpoints['openrouter/router/vision'], {
      model: 'google/gemini-2.5-flash',
      prompt: words(50),
      image_urls: ['https://a.example/tiger.jpg'],
    })
    expect(toUsage(image, 63)).toMatchObject({ prompt_tokens: 1340, cost: 0.0005595 })
  })

  it('knows of which date a price is, and that one it made up is of none', () => {
    expect(findPrice('google/gemini-2.5-flash')).toEqual({
      promptUsdPerMillion: 0.3,
      completionUsdPerMillion: 2.5,
      asOf: '2025-11',
    })
    expect(findPrice('nobody/knows').asOf).toBeUndefined()
  })

  it('charges a premium model ten times as much', () => {
    const anyLlm = endpoints['fal-ai/any-llm']
    const cost = (name: string): number =>
      toUsage(toQuestion(anyLlm, { model: name, prompt: 'hi' }), 10).cost
    expect(cost('openai/gpt-4o')).toBeCloseTo(cost('openai/gpt-4o-mini') * 10, 12)
  })
})
