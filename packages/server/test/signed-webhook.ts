import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A key pair as fal publishes and uses it. */
export interface SigningKey {
  readonly privateKey: KeyObject
  /** The public half, as an entry of a JWKS. */
  readonly jwk: object
}

/** Makes the key pair of a 32-byte seed. */
export function signingKey(seed: Uint8Array): SigningKey {
  // PKCS #8 around a bare Ed25519 seed (RFC 8410).
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  const der = Buffer.concat([prefix, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return { privateKey, jwk: createPublicKey(privateKey).export({ format: 'jwk' }) }
}

/** The seed of the published test vector: 00 01 02 … 1f. */
export const vectorKey: SigningKey = signingKey(Uint8Array.from({ length: 32 }, (_, i) => i))

/** A webhook call, signed as fal signs, with what the test wants different. */
export function signedWebhook(
  body: string | Uint8Array<ArrayBuffer>,
  {
    key = vectorKey,
    requestId = 'R1',
    userId = 'user_42',
    timestamp = '1700000000',
    headers = {},
  }: {
    key?: SigningKey
    requestId?: string
    userId?: string
    timestamp?: string
    headers?: Record<string, string | null>
  } = {},
): Request {
  const hash = createHash('sha256').update(body).digest('hex')
  const message = [requestId, userId, timestamp, hash].join('\n')
  const all = new Headers({
    'content-type': 'application/json',
    'x-fal-webhook-request-id': requestId,
    'x-fal-webhook-user-id': userId,
    'x-fal-webhook-timestamp': timestamp,
    'x-fal-webhook-signature': sign(null, Buffer.from(message), key.privateKey).toString('hex'),
  })
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) all.delete(name)
    else all.set(name, value)
  }
  return new Request('https://app.example/hook', { method: 'POST', headers: all, body })
}
