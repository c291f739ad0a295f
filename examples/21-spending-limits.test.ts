import { createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import { expect, it, onTestFinished, vi } from 'vitest'

it('21-spending-limits: the eleventh answer of a minute is refused, and none costs more than it may', async () => {
  const emulator = await startEmulator()
  vi.stubEnv('FAL_BASE_URL', emulator.url)
  vi.stubEnv('FAL_KEY', 'id:secret')
  const { proxy } = await import('./21-spending-limits.ts')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await emulator.close()
  })
  const send: typeof fetch = (url, init) => proxy(new Request(url, init))
  const llm = createFalLlm({
    proxyUrl: 'http://localhost/api/fal/proxy',
    fetch: send,
    retry: false,
  })
  const ask = () =>
    llm.generate({ model: 'openai/o3', prompt: '/echo hi', params: { maxTokens: 1_000_000 } })

  for (let i = 0; i < 10; i++) expect((await ask()).text).toBe('hi')
  const refused = ask()
  await expect(refused).rejects.toMatchObject({ code: 'rate-limited' })
  const sent = emulator.requests.filter(({ accepted }) => accepted === 'stream')
  expect(sent).toHaveLength(10)
  for (const { body } of sent) {
    expect(body).toMatchObject({ model: 'google/gemini-2.5-flash-lite', max_tokens: 1000 })
  }
})
