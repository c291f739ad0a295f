import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFalChat, createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import { toNodeHandler } from '@fal-llm/server/node'
import { createHeldClock } from '@fal-llm/testkit'
import { expect, it, onTestFinished, vi } from 'vitest'

/** A busy machine may take long. */
const patience = { timeout: 20_000, interval: 5 }

it('22-durable-chat-webhook: the answer is in the store although nobody waited for it', async () => {
  const routes = createServer(
    (request, response) =>
      void toNodeHandler(request.url?.startsWith('/webhook') ? example.webhook : example.proxy)(
        request,
        response,
      ),
  )
  await new Promise<void>((resolve) => routes.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const url = `http://127.0.0.1:${(routes.address() as AddressInfo).port}`
  const clock = createHeldClock()
  const emulator = await startEmulator({ queueDelayMs: 1, clock })
  vi.stubEnv('FAL_BASE_URL', emulator.url)
  vi.stubEnv('FAL_KEY', 'id:secret')
  vi.stubEnv('FAL_USER_ID', 'emulator')
  vi.stubEnv('WEBHOOK_URL', `${url}/webhook`)
  vi.stubEnv('FAL_JWKS_URL', `${emulator.url}/rest.fal.ai/.well-known/jwks.json`)
  const example = await import('./22-durable-chat-webhook.ts')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    routes.close()
    await emulator.close()
  })

  const proxyUrl = `${url}/api/fal/proxy?chat=c1`
  const signedIn: typeof fetch = (address, init) => {
    const headers = new Headers(init?.headers)
    headers.set('cookie', 'theme=dark; session=s1')
    return fetch(address, { ...init, headers })
  }
  example.sessions.set('s1', 'ann')
  const question = { model: 'google/gemini-2.5-flash', prompt: '/echo hi' } as const
  const stranger = createFalLlm({ proxyUrl }).submit(question)
  await expect(stranger).rejects.toMatchObject({ code: 'auth' })

  const browser = createFalChat({
    id: 'c1',
    llm: createFalLlm({ proxyUrl, fetch: signedIn }),
    model: 'google/gemini-2.5-flash',
    storage: example.storage,
    mode: 'durable',
  })
  void browser.send('/echo forty-two')
  const hasJob = (): boolean => browser.getState().messages.at(-1)?.requestId !== undefined
  await vi.waitUntil(hasJob, patience)
  browser.destroy()
  clock.release()

  await vi.waitFor(async () => {
    const reader = createFalChat({ id: 'c1', storage: example.storage, resume: false })
    reader.subscribe(() => {})
    await vi.waitUntil(() => reader.getState().hydrated)
    const answer = reader.getState().messages.at(-1)
    reader.destroy()
    expect(answer).toMatchObject({ role: 'assistant', text: 'forty-two', status: 'done' })
  }, patience)
  // One came for the result: the chat that the webhook opened. The browser's was gone by then.
  expect(emulator.requests.filter(({ call }) => call === 'result')).toHaveLength(1)
})
