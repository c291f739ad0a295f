// Signs webhook calls as fal does: Ed25519 over request id, user id, timestamp and the hash of the raw body, each on a
// line of its own; the public key is served as a JWK.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'

/** The headers that prove who sent a webhook call. */
export type WebhookHeaders = Readonly<
  Record<`x-fal-webhook-${'request-id' | 'user-id' | 'timestamp' | 'signature'}`, string>
>

/** Holds a key pair. */
export interface WebhookSigner {
  /** What `/.well-known/jwks.json` says. */
  readonly jwks: { readonly keys: readonly object[] }
  /** Signs the bytes that are going to be sent. */
  sign(body: string, requestId: string, nowMs: number): WebhookHeaders
}

/**
 * Creates a signer.
 *
 * @param seed The private key, 32 bytes. Default: a random one.
 */
export function createWebhookSigner(
  seed: Uint8Array = randomBytes(32),
  userId: string = 'emulator',
): WebhookSigner {
  // A PKCS#8 envelope of an Ed25519 key is these bytes and the key itself.
  const envelope = Buffer.from('302e020100300506032b657004220420', 'hex')
  const privateKey = createPrivateKey({
    key: Buffer.concat([envelope, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return {
    jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x }] },
    sign(body, requestId, nowMs) {
      const timestamp = String(Math.floor(nowMs / 1000))
      const hash = createHash('sha256').update(body).digest('hex')
      const message = [requestId, userId, timestamp, hash].join('\n')
      return {
        'x-fal-webhook-request-id': requestId,
        'x-fal-webhook-user-id': userId,
        'x-fal-webhook-timestamp': timestamp,
        'x-fal-webhook-signature': sign(null, Buffer.from(message), privateKey).toString('hex'),
      }
    },
  }
}
