// The headers that cross the proxy, by name. All others stay on their side: the caller's Authorization, cookies and
// addresses do not reach fal; fal's cookies and storage tokens do not reach the caller.

/** Headers of fal's clients that are sent to fal. */
export const toFal: readonly string[] = [
  'x-fal-queue-priority',
  'x-fal-request-timeout',
  'x-fal-object-lifecycle-preference',
  'x-fal-object-lifecycle',
  'x-fal-no-retry',
  'x-fal-store-io',
  'x-fal-runner-hint',
  'x-app-fal-disable-fallback',
]

/** Headers of fal that are sent to the caller. */
export const toCaller: ReadonlySet<string> = new Set([
  'content-type',
  'retry-after',
  'x-fal-request-id',
  'x-fal-request-timeout-type',
  'x-fal-error-type',
  'x-fal-billable-units',
  'x-fal-retryable',
  'x-fal-needs-retry',
  'x-fal-served-from',
  'x-fal-runner-hints',
])

const inertTypes =
  /^(application\/([a-z.]+\+)?json|application\/(x-)?ndjson|application\/octet-stream|text\/(event-stream|plain)|image\/(png|jpeg|gif|webp|avif)|(audio|video)\/[\w.+-]+)\s*(;|$)/i

const maxHeaderLength = 1_024
const printable = /^[\x20-\x7e]*$/

/**
 * Picks the caller's headers that are sent to fal. Returns the name of the first one that is too long or not printable.
 */
export function toFalHeaders(
  headers: Headers,
):
  | { readonly ok: true; readonly headers: Record<string, string> }
  | { readonly ok: false; readonly name: string } {
  const sent: Record<string, string> = {
    accept: 'application/json',
    // A compressor would hold streamed events back until a block is full.
    'accept-encoding': 'identity',
    'user-agent': '@fal-llm/server',
  }
  for (const name of ['accept', ...toFal]) {
    const value = headers.get(name)
    if (value === null) continue
    if (value.length > maxHeaderLength || !printable.test(value)) return { ok: false, name }
    sent[name] = value
  }
  return { ok: true, headers: sent }
}

/** Picks fal's headers that are sent to the caller, each passed through `rewrite`. */
export function toCallerHeaders(
  upstream: Headers,
  rewrite: (value: string) => string,
): Record<string, string> {
  const headers: Record<string, string> = {
    // A server on the way that compresses or caches would buffer the stream.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }
  for (const [name, value] of upstream) {
    if (toCaller.has(name)) headers[name] = rewrite(value)
  }
  headers['content-type'] = toInertType(headers['content-type'])
  return headers
}

// HTML is sent as plain text. fal's gateway answers some failures in HTML, and an endpoint may pass on what a model wrote:
// a browser that opened either would run its scripts on the host's own origin.
function toInertType(type: string | undefined): string {
  return type !== undefined && inertTypes.test(type) ? type : 'text/plain; charset=utf-8'
}
