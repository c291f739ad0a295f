import type { AddressInfo } from 'node:net'
import { createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import { expect, it, onTestFinished, vi } from 'vitest'

it('20-proxy: a signed-in caller gets an answer, anybody else a 401', async () => {
  const emulator = await startEmulator({ keys: ['id:secret'] })
  vi.stubEnv('FAL_BASE_URL', emulator.url)
  vi.stubEnv('FAL_KEY', 'id:secret')
  vi.stubEnv('PORT', '0')
  const { server } = await import('./20-proxy.ts')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    server.close()
    await emulator.close()
  })
  await vi.waitUntil(() => server.listening)
  // A listening TCP server has an address object.
  const proxyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/fal/proxy`
  const signedIn: typeof fetch = (url, init) =>
    fetch(url, { ...init, headers: { ...init?.headers, 'x-session': 'a-session' } })
  const request = { model: 'google/gemini-2.5-flash', prompt: '/echo hello' }

  expect((await createFalLlm({ proxyUrl, fetch: signedIn }).generate(request)).text).toBe('hello')
  const refused = createFalLlm({ proxyUrl }).generate(request)
  await expect(refused).rejects.toMatchObject({ code: 'auth', status: 401 })
})
