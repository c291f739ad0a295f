// fal's public keys (fal docs, "Webhooks": JWKS of Ed25519 keys, to be kept at most 24 hours). One set per
// address and fetch function, loaded when first needed and again when a signature fits none of its keys, which is
// how a rotation shows. Keys asked for before a call came prove nothing against it: only a later load does.

import { within } from './deadline.ts'
import { FalWebhookError } from './error.ts'
import { loadKeys } from './jwks-keys.ts'

/** The keys one address publishes. */
export interface Jwks {
  /**
   * Says whether a key made the signature; `false` only after keys that were asked for since it came.
   *
   * @param nowMs Milliseconds since 1970.
   * @throws FalWebhookError `keys-unavailable` when that cannot be known now: the load failed, or there were too many.
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
  /** Longest wait for the key server, milliseconds. Default 4000. */
  readonly timeoutMs?: number
  /** Milliseconds that nobody sets back. Default performance.now. */
  readonly clock?: () => number
}

/** What one load brought. */
interface KeySet {
  readonly keys: readonly CryptoKey[]
  /** The how-manieth load this was. */
  readonly load: number
  /** Milliseconds since 1970. */
  readonly loadedAt: number
}

const maxAgeMs = 24 * 60 * 60 * 1_000
const failureHoldsMs = 5_000
const loadBurst = 5
const loadEveryMs = 10_000

/** Creates an empty key set. Never throws; nothing is fetched before `verify`. */
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
      // Raced, not only signalled: a fetch that ignores its signal would otherwise hold every webhook up.
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

/** Lets `burst` through at once, and one more whenever `everyMs` have passed. */
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
