import { describe, expect, it } from 'vitest'
import { post } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'
import type { Model } from '../models/model.ts'
import type { RecordedExchange } from '../options.ts'

const path = '/fal.run/fal-ai/any-llm/stream?x=1'

async function record(prompts: readonly string[]) {
  const recorded: RecordedExchange[] = []
  const emulator = createEmulator({ record: (exchange) => recorded.push(exchange) })
  const texts: string[] = []
  for (const prompt of prompts) {
    texts.push(await (await emulator.fetch(post(path, { prompt }))).text())
  }
  return { recorded, texts }
}

describe('a recording', () => {
  it('holds what crossed the wire, chunk by chunk, and no key', async () => {
    const { recorded, texts } = await record(['/echo héllo you'])
    expect(recorded).toHaveLength(1)
    const [exchange] = recorded
    expect(exchange?.request).toEqual({
      method: 'POST',
      url: 'https://fal.run/fal-ai/any-llm/stream?x=1',
      body: '{"prompt":"/echo héllo you"}',
    })
    const chunks = exchange?.response.chunks.map(({ base64 }) => Buffer.from(base64, 'base64'))
    expect(chunks?.length).toBeGreaterThan(2)
    expect(Buffer.concat(chunks ?? []).toString()).toBe(texts[0])
    expect(JSON.stringify(recorded)).not.toContain('secret')
  })

  it('is played again, byte for byte and chunk for chunk, after a trip through JSON', async () => {
    const { recorded, texts } = await record(['/unicode'])
    const replay = JSON.parse(JSON.stringify(recorded)) as RecordedExchange[]
    // A model that would answer something else.
    const model: Model = async function* silent() {}
    const emulator = createEmulator({ replay, model })
    for (let round = 0; round < 2; round++) {
      const response = await emulator.fetch(post(path, { prompt: '/unicode' }))
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body ?? []) chunks.push(chunk)
      expect(Buffer.concat(chunks).toString()).toBe(texts[0])
      expect(chunks).toHaveLength(replay[0]?.response.chunks.length ?? 0)
    }
  })

  it('leaves to the emulator what it does not hold', async () => {
    const { recorded } = await record(['/echo one'])
    const emulator = createEmulator({ replay: recorded })
    const text = await (await emulator.fetch(post(path, { prompt: '/echo two' }))).text()
    expect(text).toContain('"two"')
  })

  it('ends where the reader stopped', async () => {
    const recorded: RecordedExchange[] = []
    const emulator = createEmulator({ record: (exchange) => recorded.push(exchange) })
    const { body } = await emulator.fetch(post(path, { prompt: '/long 100' }))
    const reader = body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await emulator.until(() => emulator.active === 0)
    expect(recorded[0]?.response.chunks).toHaveLength(1)
  })
})
