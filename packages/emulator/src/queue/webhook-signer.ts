// Signs webhook calls as fal does: Ed25519 over request id, user id, timestamp and the hash of the raw body, each on its own
// line. The public key is served as a JWK.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'

/** The headers that prove who sent a webhook call. */
export type WebhookHeaders = Readonly<
  Record<`x-fal-webhook-${'request-id' | 'user-id' | 'timestamp' | 'signature'}`, string>
>

/** Signs webhook calls with one key pair. */
export interface WebhookSigner {
  /** The answer of `/.well-known/jwks.json`. */
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
  // The PKCS#8 form of an Ed25519 key is these bytes followed by the key.
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
