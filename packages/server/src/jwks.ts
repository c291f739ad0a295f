// fal's public keys (fal docs, "Webhooks": JWKS of Ed25519 keys, to be kept at most 24 hours). One set per
// address and fetch function, fetched when first needed and again when a signature fits none of them,
// which is how a rotation shows.

import { FalWebhookError } from './webhook-error.ts'

/** The keys one address publishes. */
export interface Jwks {
  /**
   * Says whether a key made the signature. An unknown signature makes it look for new keys, once a minute at most.
   *
   * @param nowMs Milliseconds since 1970.
   * @throws FalWebhookError `keys-unavailable` when the keys could not be had.
   */
  verify(
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
    nowMs: number,
  ): Promise<boolean>
}

/** Where keys come from. */
export interface JwksOptions {
  readonly url: string
  readonly fetch: typeof fetch
  /** Longest wait for the key server, milliseconds. Default 10000. */
  readonly timeoutMs?: number
}

const maxAgeMs = 24 * 60 * 60 * 1_000
const refetchAfterMs = 60_000
const maxBytes = 262_144

/** Creates an empty key set. Never throws; nothing is fetched before `verify`. */
export function createJwks({ url, fetch: load, timeoutMs = 10_000 }: JwksOptions): Jwks {
  let known: { readonly keys: readonly CryptoKey[]; readonly fetchedAt: number } | undefined
  let loading: Promise<readonly CryptoKey[]> | undefined

  const reload = (nowMs: number): Promise<readonly CryptoKey[]> => {
    loading ??= withTimeout((signal) => loadKeys(url, load, signal), timeoutMs)
      .then((keys) => {
        known = { keys, fetchedAt: nowMs }
        return keys
      })
      .finally(() => (loading = undefined))
    return loading
  }
  const isYoungerThan = (ageMs: number, nowMs: number): boolean =>
    known !== undefined && Math.abs(nowMs - known.fetchedAt) < ageMs

  return {
    async verify(signature, message, nowMs) {
      const keys = known && isYoungerThan(maxAgeMs, nowMs) ? known.keys : await reload(nowMs)
      if (await fitsAny(keys, signature, message)) return true
      if (isYoungerThan(refetchAfterMs, nowMs)) return false
      return fitsAny(await reload(nowMs), signature, message)
    },
  }
}

async function fitsAny(
  keys: readonly CryptoKey[],
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const key of keys) {
    if (await crypto.subtle.verify('Ed25519', key, signature, message)) return true
  }
  return false
}

async function loadKeys(
  url: string,
  load: typeof fetch,
  signal: AbortSignal,
): Promise<readonly CryptoKey[]> {
  const response = await load(url, { signal, redirect: 'manual' })
  if (!response.ok) throw new Error(`The key server answered HTTP ${response.status}`)
  const text = await response.text()
  if (text.length > maxBytes) throw new Error(`The key set is larger than ${maxBytes} bytes`)
  const { keys: entries } = JSON.parse(text) as { keys?: unknown }
  if (!Array.isArray(entries)) throw new Error('The key server answered without keys')
  const keys = await Promise.all(entries.map(importKey))
  const usable = keys.filter((key) => key !== undefined)
  if (usable.length === 0) throw new Error('The key set holds no Ed25519 key')
  return usable
}

// A set may hold keys of other kinds; they are not ours to judge.
async function importKey(entry: unknown): Promise<CryptoKey | undefined> {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { x, kty = 'OKP', crv = 'Ed25519' } = entry as Record<string, unknown>
  if (typeof x !== 'string' || kty !== 'OKP' || crv !== 'Ed25519') return undefined
  try {
    const base64 = x.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
  } catch {
    return undefined
  }
}

// Raced, not only signalled: a fetch that ignores its signal would otherwise hold every webhook up.
async function withTimeout<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
  timeoutMs: number,
): Promise<Value> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The key server did not answer within ${timeoutMs} ms`))
      controller.abort()
    }, timeoutMs)
  })
  try {
    return await Promise.race([work(controller.signal), late])
  } catch (cause) {
    throw new FalWebhookError('keys-unavailable', "fal's public keys could not be fetched", {
      cause,
    })
  } finally {
    clearTimeout(timer)
  }
}
