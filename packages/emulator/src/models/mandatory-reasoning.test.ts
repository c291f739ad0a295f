import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { createQueueCalls } from '../../test/queue-calls.ts'
import { post } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'

const model = 'openai/gpt-oss-120b'
const words = 'Reasoning is mandatory for this endpoint and cannot be disabled.'

const send = (path: string, input: object) =>
  createEmulator().fetch(post(`/fal.run/${path}`, input))

describe('a model that insists on reasoning', () => {
  const chat = { model, messages: [{ role: 'user', content: '/echo hi' }] }
  const chatPath = 'openrouter/router/openai/v1/chat/completions'

  it.each([
    {},
    { reasoning: { enabled: false } },
    { reasoning: { effort: 'none' } },
    { reasoning_effort: 'none' },
    { model: `${model}:free` },
    { stream: true },
  ])('refuses a chat without it, as OpenRouter does: %o', async (more) => {
    const response = await send(chatPath, { ...chat, ...more })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: { code: 400, message: words } })
  })

  it.each([
    { reasoning: { enabled: true } },
    { reasoning: { effort: 'low' } },
    { reasoning: { max_tokens: 200 } },
    { reasoning_effort: 'high' },
  ])('answers a chat with it: %o', async (more) => {
    const response = await send(chatPath, { ...chat, ...more })
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'hi' } }] })
  })

  it.each(['fal-ai/any-llm', 'fal-ai/any-llm/enterprise', 'openrouter/router'])(
    'refuses a prompt to %s without it and answers one with it',
    async (path) => {
      const refused = await send(path, { model, prompt: '/echo hi' })
      expect([refused.status, await refused.json()]).toEqual([400, { detail: words }])
      const answered = await send(path, { model, prompt: '/echo hi', reasoning: true })
      expect(await answered.json()).toMatchObject({ output: 'hi', reasoning: expect.any(String) })
    },
  )

  it('fails in the queue when it runs, not when it is submitted', async () => {
    const clock = createManualClock()
    const queue = createQueueCalls(createEmulator({ clock }))
    const { code, body } = await queue.submit({ model, prompt: 'hi' })
    expect(code).toBe(200)
    await clock.advance(1000)
    const result = await queue.result(body.request_id)
    expect([result.code, result.body]).toEqual([400, { detail: words }])
  })

  it('leaves other models alone', async () => {
    expect((await send('fal-ai/any-llm', { model: 'openai/o3', prompt: 'hi' })).status).toBe(200)
  })
})
