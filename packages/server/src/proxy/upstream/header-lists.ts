// What crosses the proxy in either direction, by name. Everything else stays on its side: the caller's
// Authorization, cookies and addresses on the way to fal; fal's cookies and storage tokens on the way back.

/** Headers of fal's clients that fal shall see. */
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

/** Headers of fal that the caller shall see. */
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

/** The caller's headers that fal shall see. Names the first one it will not send on. Never throws. */
export function toFalHeaders(
  headers: Headers,
):
  | { readonly ok: true; readonly headers: Record<string, string> }
  | { readonly ok: false; readonly name: string } {
  const sent: Record<string, string> = {
    accept: 'application/json',
    // Compression would hold streamed events back until a block is full.
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

/** fal's headers that the caller shall see, each passed through `rewrite`. Never throws. */
export function toCallerHeaders(
  upstream: Headers,
  rewrite: (value: string) => string,
): Record<string, string> {
  const headers: Record<string, string> = {
    // A compressing or caching hop on the way would buffer the stream.
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

// What a browser would run if somebody opened it on the host's own origin is text here: fal's gateway answers some
// failures in HTML, and an endpoint may hand on what a model wrote.
function toInertType(type: string | undefined): string {
  return type !== undefined && inertTypes.test(type) ? type : 'text/plain; charset=utf-8'
}
