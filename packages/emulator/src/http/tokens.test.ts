import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { post } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'
import type { Emulator } from '../emulator.ts'

async function makeToken(emulator: Emulator, body: object, path = '/tokens/'): Promise<string> {
  const response = await emulator.fetch(post(`/rest.fal.ai${path}`, body))
  const token: unknown = await response.json()
  expect(token).toEqual(expect.any(String))
  return String(token)
}

/** A stream without a key, as a browser opens it. */
async function open(emulator: Emulator, path: string, token: string): Promise<number> {
  const response = await emulator.fetch(
    new Request(`http://127.0.0.1:1/fal.run/${path}/stream?fal_jwt_token=${token}`, {
      method: 'POST',
      body: JSON.stringify({ prompt: 'hi', model: 'google/gemini-2.5-flash' }),
      headers: { 'content-type': 'application/json' },
    }),
  )
  await response.body?.cancel()
  return response.status
}

describe('a token', () => {
  it('is a bare JSON string that lets its app be called without a key, and no other', async () => {
    const emulator = createEmulator()
    const token = await makeToken(emulator, { allowed_apps: ['any-llm'], token_expiration: 120 })
    expect(await open(emulator, 'fal-ai/any-llm', token)).toBe(200)
    expect(await open(emulator, 'openrouter/router', token)).toBe(401)
  })

  it.each([
    ['/tokens/', { allowed_apps: ['any-llm'], token_expiration: 120 }],
    ['/tokens/realtime', { allowed_apps: ['any-llm'], duration: 120 }],
  ])('from %s ends after the time that was asked for', async (path, body) => {
    const clock = createManualClock()
    const emulator = createEmulator({ clock })
    const token = await makeToken(emulator, body, path)
    await clock.advance(119_999)
    expect(await open(emulator, 'fal-ai/any-llm', token)).toBe(200)
    await clock.advance(1)
    expect(await open(emulator, 'fal-ai/any-llm', token)).toBe(401)
  })

  it('of another emulator, changed, or made up, is worth nothing', async () => {
    const emulator = createEmulator()
    const foreign = await makeToken(createEmulator(), { allowed_apps: ['any-llm'] })
    const own = await makeToken(emulator, { allowed_apps: ['router'] })
    const [head, , signature] = own.split('.')
    const claims = Buffer.from('{"apps":["any-llm"],"exp":9999999999}').toString('base64url')
    for (const token of [foreign, `${head}.${claims}.${signature}`, 'a.b.c', '']) {
      expect(await open(emulator, 'fal-ai/any-llm', token)).toBe(401)
    }
  })

  it('needs a key to be made, and the apps it is for', async () => {
    const emulator = createEmulator()
    const request = new Request('http://127.0.0.1:1/rest.fal.ai/tokens/', { method: 'POST' })
    expect((await emulator.fetch(request)).status).toBe(401)
    expect((await emulator.fetch(post('/rest.fal.ai/tokens/', {}))).status).toBe(422)
  })
})
