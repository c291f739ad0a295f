// One origin stands for all of fal's hosts. A request says which host it means in one of five ways: the host is the
// first segment of the path, fal's whole URL is the path, the Host header is one of fal's, the proxy protocol names the
// whole URL in `x-fal-target-url`, or nothing is said and fal.run is meant. The second and the third are those of callers
// that lead fal's own URLs here (a patched fetch, a hosts file): they are handed fal's own URLs, everyone else ours.

/** The hosts that are answered for; the others of fal are other names for these. */
export type FalHost = 'fal.run' | 'queue.fal.run' | 'rest.fal.ai' | 'v3.fal.media' | 'fal.ai'

/** Where a request to the emulator would have gone. */
export interface FalAddress {
  readonly host: FalHost
  /** fal's own path, beginning with a slash and without one at its end. */
  readonly path: string
  readonly query: URLSearchParams
  /** Whether the caller leads fal's hosts to us, so that it can follow fal's own https URLs. */
  readonly mapsHosts: boolean
  /** Where the emulator was reached, "http://127.0.0.1:8787". */
  readonly origin: string
  /** Why the address is none. */
  readonly problem?: { readonly status: number; readonly detail: string }
}

const hostNames: ReadonlyMap<string, FalHost> = new Map<string, FalHost>([
  ['fal.run', 'fal.run'],
  ['falrun.com', 'fal.run'],
  ['queue.fal.run', 'queue.fal.run'],
  ['queue.falrun.com', 'queue.fal.run'],
  ['rest.fal.ai', 'rest.fal.ai'],
  ['rest.alpha.fal.ai', 'rest.fal.ai'],
  ['v3.fal.media', 'v3.fal.media'],
  ['v3b.fal.media', 'v3.fal.media'],
  ['fal.media', 'v3.fal.media'],
  ['fal.ai', 'fal.ai'],
])

/** Every name of a fal host that the emulator answers for. */
export const falHostNames: readonly string[] = [...hostNames.keys()]

/** Finds out which of fal's addresses a request means. Never throws: what cannot be read has a `problem`. */
export function parseAddress(request: {
  readonly url: string
  readonly headers: Headers
}): FalAddress {
  const url = new URL(request.url)
  const target = request.headers.get('x-fal-target-url')
  const called = { origin: url.origin, query: url.searchParams, mapsHosts: false }
  const [, scheme, segment = '', rest = ''] =
    /^\/(https:\/\/)?([^/]*)(.*)$/i.exec(url.pathname) ?? []
  const host = hostNames.get(segment.toLowerCase())
  if (host) {
    // Behind a proxy the caller sees only its proxy.
    const mapsHosts = scheme !== undefined && target === null
    return { ...called, host, path: trimPath(rest), mapsHosts }
  }
  if (target !== null) return parseTarget(target, url.origin)
  const hostHeader = hostNames.get(url.hostname.toLowerCase())
  if (hostHeader)
    return { ...called, host: hostHeader, path: trimPath(url.pathname), mapsHosts: true }
  return { ...called, host: 'fal.run', path: trimPath(url.pathname) }
}

/**
 * Writes a URL of one of fal's hosts so that this caller can follow it.
 *
 * @param path With its leading slash; may carry a query.
 */
export function toFollowableUrl(
  { mapsHosts, origin }: Pick<FalAddress, 'mapsHosts' | 'origin'>,
  host: FalHost,
  path: string,
): string {
  return mapsHosts ? `https://${host}${path}` : `${origin}/${host}${path}`
}

function parseTarget(target: string, origin: string): FalAddress {
  const url = URL.canParse(target) ? new URL(target) : undefined
  const host = url?.protocol === 'https:' ? hostNames.get(url.hostname) : undefined
  const common = { origin, mapsHosts: false }
  if (url && host) return { ...common, host, path: trimPath(url.pathname), query: url.searchParams }
  return {
    ...common,
    host: 'fal.run',
    path: '',
    query: new URLSearchParams(),
    // What fal asks of its own proxies.
    problem: { status: 412, detail: 'x-fal-target-url must be an https URL of a fal host' },
  }
}

function trimPath(path: string): string {
  return path.replace(/\/+$/, '')
}
