// Reads a JWKS (RFC 7517, RFC 8037): the Ed25519 keys that are safe to verify with. All other keys are left out.

import { toHex } from '../hex.ts'
import { toFields } from '../json.ts'
import { collectBytes } from './body.ts'

const maxBytes = 262_144

/**
 * Fetches the keys of an address.
 *
 * @throws Error when there is no answer, or no Ed25519 key in it.
 */
export async function loadKeys(
  url: string,
  load: typeof fetch,
  signal: AbortSignal,
): Promise<readonly CryptoKey[]> {
  const response = await load(url, { signal, redirect: 'manual' })
  if (!response.ok) {
    response.body?.cancel().catch(() => {})
    throw new Error(`The key server answered HTTP ${response.status}`)
  }
  const bytes = await collectBytes(response.body, { maxBytes })
  if (typeof bytes === 'string') throw new Error(`The key set is larger than ${maxBytes} bytes`)
  const { keys: entries } = toFields(JSON.parse(new TextDecoder().decode(bytes)))
  if (!Array.isArray(entries)) throw new Error('The key server answered without keys')
  const keys = await Promise.all(entries.map(importKey))
  const usable = keys.filter((key) => key !== undefined)
  if (usable.length === 0) throw new Error('The key set holds no Ed25519 key')
  return usable
}

// A set may hold keys of other kinds, for other purposes. They are no error.
async function importKey(entry: unknown): Promise<CryptoKey | undefined> {
  const { x, kty = 'OKP', crv = 'Ed25519' } = toFields(entry)
  if (typeof x !== 'string' || kty !== 'OKP' || crv !== 'Ed25519') return undefined
  try {
    const base64 = x.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    if (isOfSmallOrder(bytes)) return undefined
    return await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
  } catch {
    return undefined
  }
}

const p = 2n ** 255n - 19n

/**
 * Whether a public key is one of the eight points of small order, in any encoding. For these points anyone can sign any
 * message without a private key.
 *
 * @source RFC 8032, section 5.1: -x² + y² = 1 + d x² y², d = -121665/121666. Doubling a point three times gives the
 * neutral one exactly where y = 0, y² = 1 or d y⁴ + 2 y² = 1.
 */
function isOfSmallOrder(key: Uint8Array): boolean {
  // The top bit is the sign of x, which has no influence on the order.
  const y = BigInt.asUintN(255, BigInt(`0x${toHex(key.toReversed())}`))
  const y2 = (y * y) % p
  return y2 === 0n || y2 === 1n || (121_665n * y2 * y2 - 243_332n * y2 + 121_666n) % p === 0n
}
