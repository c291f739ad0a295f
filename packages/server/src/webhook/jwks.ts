// fal's public keys (fal docs, "Webhooks": a JWKS of Ed25519 keys, to be kept at most 24 hours). There is one set per
// address and fetch function. It is loaded when first needed, and again when a signature fits none of its keys, because fal
// may have new keys. A signature is a forgery only if it fits none of the keys that were requested after the call came.

import { within } from './deadline.ts'
import { FalWebhookError } from './error.ts'
import { loadKeys } from './jwks-keys.ts'

/** The keys one address publishes. */
export interface Jwks {
  /**
   * Whether one of the keys made the signature; `false` only by keys that were requested after this call.
   *
   * @param nowMs Milliseconds since 1970.
   * @throws FalWebhookError `keys-unavailable` when that cannot be known now: a load failed, or there were too many loads.
   */
  verify(
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
    nowMs: number,
  ): Promise<boolean>
}

/** Where the keys are loaded from. */
export interface JwksOptions {
  readonly url: string
  readonly fetch: typeof fetch
  /** Longest wait for the key server, milliseconds. Default 4000. */
  readonly timeoutMs?: number
  /** A clock that is never set back, milliseconds. Default performance.now. */
  readonly clock?: () => number
}

/** The keys of one load. */
interface KeySet {
  readonly keys: readonly CryptoKey[]
  /** The number of this load, from 1. */
  readonly load: number
  /** Milliseconds since 1970. */
  readonly loadedAt: number
}

const maxAgeMs = 24 * 60 * 60 * 1_000
const failureHoldsMs = 5_000
const loadBurst = 5
const loadEveryMs = 10_000

/** Creates an empty key set. Nothing is fetched before `verify`. */
export function createJwks({
  url,
  fetch: load,
  timeoutMs = 4_000,
  clock = () => performance.now(),
}: JwksOptions): Jwks {
  let known: KeySet | undefined
  let loading: Promise<KeySet> | undefined
  let loads = 0
  let failure: { readonly error: unknown; readonly until: number } | undefined
  const mayLoad = createAllowance(loadBurst, loadEveryMs, clock)

  const start = async (nowMs: number): Promise<KeySet> => {
    const set = { load: ++loads, loadedAt: nowMs }
    try {
      const abort = new AbortController()
      // Raced too: a fetch that ignores its signal would hold every webhook up.
      const keys = await within(loadKeys(url, load, abort.signal), timeoutMs, () => {
        abort.abort()
        throw new Error(`The key server did not answer within ${timeoutMs} ms`)
      })
      return (known = { ...set, keys })
    } catch (cause) {
      const error = unavailable("fal's public keys could not be fetched", cause)
      failure = { error, until: clock() + failureHoldsMs }
      throw error
    } finally {
      loading = undefined
    }
  }
  const reload = async (nowMs: number): Promise<KeySet> => {
    if (loading) return loading
    if (failure && clock() < failure.until) throw failure.error
    if (!mayLoad()) throw unavailable("fal's public keys were fetched too often to be fetched now")
    return (loading = start(nowMs))
  }
  const isFresh = ({ loadedAt }: KeySet, nowMs: number): boolean =>
    Math.abs(nowMs - loadedAt) < maxAgeMs

  return {
    async verify(signature, message, nowMs) {
      const loadsBefore = loads
      for (let tried: KeySet | undefined; ;) {
        const set: KeySet =
          known && known !== tried && isFresh(known, nowMs) ? known : await reload(nowMs)
        if (await fitsAny(set.keys, signature, message)) return true
        if (set.load > loadsBefore) return false
        tried = set
      }
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

function unavailable(message: string, cause?: unknown): FalWebhookError {
  return new FalWebhookError('keys-unavailable', message, { cause })
}

/** Allows `burst` loads at once, and one more after each `everyMs`. */
function createAllowance(burst: number, everyMs: number, clock: () => number): () => boolean {
  let left = burst
  let countedAt = clock()
  return () => {
    const gained = Math.floor((clock() - countedAt) / everyMs)
    countedAt += gained * everyMs
    left = Math.min(burst, left + gained)
    if (left === 0) return false
    left -= 1
    return true
  }
}
