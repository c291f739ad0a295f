import { createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import { expect, it, onTestFinished, vi } from 'vitest'

it('21-spending-limits: the eleventh answer of a minute is refused, and none costs more than it may', async () => {
  const emulator = await startEmulator()
  vi.stubEnv('FAL_BASE_URL', emulator.url)
  vi.stubEnv('FAL_KEY', 'id:secret')
  const { proxy, signIn } = await import('./21-spending-limits.ts')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await emulator.close()
  })
  const connect = (cookie: string) => {
    const send: typeof fetch = (url, init) => {
      const request = new Request(url, init)
      request.headers.set('cookie', cookie)
      return proxy(request)
    }
    return createFalLlm({
      proxyUrl: 'http://localhost/api/fal/proxy',
      fetch: send,
      retry: false,
    })
  }
  const llm = connect(signIn('ann').split(';', 1)[0] ?? '')
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

  // Neither a name the caller writes nor a session nobody made is one.
  for (const cookie of ['session=ann', 'x-user=ann', '']) {
    const stranger = connect(cookie).generate({ model: 'openai/o3', prompt: '/echo hi' })
    await expect(stranger).rejects.toMatchObject({ code: 'auth', status: 401 })
  }
})
