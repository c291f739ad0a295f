// React Native's own `fetch` gives out no body to read in pieces.

import { startEmulator } from '@fal-llm/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import type { FalLlm } from '../../generate/fal-llm.ts'

let emulator: Awaited<ReturnType<typeof startEmulator>>
beforeAll(async () => void (emulator = await startEmulator()))
afterAll(() => emulator.close())

/** What React Native's fetch resolves with, as far as anybody reads it. */
const withoutBody: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  const { ok, status, statusText, headers, url } = response
  // The fields that are left out are those that React Native leaves out.
  return { ok, status, statusText, headers, url, text: () => response.text() } as Response
}
const start = (): FalLlm =>
  createFalLlm({ baseUrl: emulator.url, credentials: 'any:key', fetch: withoutBody })
const question = { model: 'google/gemini-2.5-flash', prompt: 'Hello' } as const

describe('a fetch whose responses have no body', () => {
  test.each(['stream', 'queue', 'run'] as const)(
    'gives the whole answer, mode %s',
    async (mode) => {
      const expected = await createFalLlm({
        baseUrl: emulator.url,
        credentials: 'any:key',
      }).generate({ ...question, mode })
      const run = start().generate({ ...question, mode })
      let words = ''
      for await (const event of run) if (event.type === 'text-delta') words += event.delta
      expect(words).toBe(expected.text)
      expect(await run).toMatchObject({ text: expected.text, finishReason: expected.finishReason })
    },
  )

  test('gives the whole answer of the OpenAI route', async () => {
    const { text } = await start().generate({
      endpoint: 'openrouter/router/openai/v1/chat/completions',
      model: 'google/gemini-2.5-flash',
      messages: [{ role: 'user', content: 'Hello' }],
    })
    expect(text).not.toBe('')
  })

  test('gives fal’s own words when it refuses', async () => {
    const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'locked:x', fetch: withoutBody })
    await expect(llm.generate(question)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('Exhausted balance'),
    })
  })

  test('says that a cut answer is interrupted', async () => {
    await expect(start().generate({ ...question, prompt: '/cut 3' })).rejects.toMatchObject({
      code: 'interrupted',
    })
  })

  test('rule 3: a stop settles while the answer is on its way, whatever fetch does about it', async () => {
    let read = (): void => {}
    const isRead = new Promise<void>((resolve) => (read = resolve))
    const deaf: typeof fetch = async (input, init) => {
      const { ok, status, headers } = await fetch(input, { ...init, signal: null })
      const text = (): Promise<string> => {
        read()
        return new Promise(() => {})
      }
      return { ok, status, headers, text } as Response
    }
    const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'any:key', fetch: deaf })
    const run = llm.generate(question)
    const failed = expect(run).rejects.toMatchObject({ code: 'aborted' })
    await isRead
    await run.stop()
    await failed
  })
})
