import { expect, it } from 'vitest'
import { createJwks } from './jwks.ts'

it('gives up on a key server that never answers, even when fetch ignores its signal', async () => {
  const load: typeof fetch = () => new Promise(() => {})
  const jwks = createJwks({ url: 'http://127.0.0.1/', fetch: load, timeoutMs: 20 })
  const verdict = jwks.verify(new Uint8Array(64), new Uint8Array(1), 0)
  await expect(verdict).rejects.toMatchObject({ code: 'keys-unavailable' })
})
