// One origin stands for all of fal's hosts. A request names the host it means in one of five ways: as the first segment of
// its path, by fal's whole URL as its path, by the Host header, by the whole URL in `x-fal-target-url` (the proxy protocol),
// or not at all, which means fal.run. Callers that use the second or the third way map fal's own hosts here (a patched
// fetch, a hosts file), so the URLs that they get are fal's. All others get the emulator's.

/** The hosts that the emulator answers for. fal's other hosts are further names of these. */
export type FalHost = 'fal.run' | 'queue.fal.run' | 'rest.fal.ai' | 'v3.fal.media' | 'fal.ai'

/** The address of fal that a request means. */
export interface FalAddress {
  readonly host: FalHost
  /** fal's own path, beginning with a slash and without one at its end. */
  readonly path: string
  readonly query: URLSearchParams
  /** Whether the caller maps fal's hosts to the emulator, and so can follow fal's own https URLs. */
  readonly mapsHosts: boolean
  /** Where the caller reaches the emulator: "http://127.0.0.1:8787", and the path it is mounted at behind it. */
  readonly baseUrl: string
  /** Why the address cannot be used. */
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

/** Every name of the hosts that the emulator answers for. */
export const falHostNames: readonly string[] = [...hostNames.keys()]

/** Finds out which of fal's addresses a request means. Never throws: what cannot be read has a `problem`. */
export function parseAddress(request: {
  readonly url: string
  readonly headers: Headers
}): FalAddress {
  const url = new URL(request.url)
  const target = request.headers.get('x-fal-target-url')
  const baseUrl = url.origin + readPrefix(request.headers)
  const called = { baseUrl, query: url.searchParams, mapsHosts: false }
  const [, scheme, segment = '', rest = ''] =
    /^\/(https:\/\/)?([^/]*)(.*)$/i.exec(url.pathname) ?? []
  const host = hostNames.get(segment.toLowerCase())
  if (host) {
    // A caller behind a proxy cannot reach fal's hosts itself.
    const mapsHosts = scheme !== undefined && target === null
    return { ...called, host, path: trimPath(rest), mapsHosts }
  }
  if (target !== null) return parseTarget(target, baseUrl)
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
  { mapsHosts, baseUrl }: Pick<FalAddress, 'mapsHosts' | 'baseUrl'>,
  host: FalHost,
  path: string,
): string {
  return mapsHosts ? `https://${host}${path}` : `${baseUrl}/${host}${path}`
}

/** What a server in front of the emulator has taken off the path, as it says by the usual header; empty when there is none. */
function readPrefix(headers: Headers): string {
  const prefix = trimPath(headers.get('x-forwarded-prefix') ?? '')
  return /^(\/[\w.~-]+)+$/.test(prefix) ? prefix : ''
}

function parseTarget(target: string, baseUrl: string): FalAddress {
  const url = URL.canParse(target) ? new URL(target) : undefined
  const host = url?.protocol === 'https:' ? hostNames.get(url.hostname) : undefined
  const common = { baseUrl, mapsHosts: false }
  if (url && host) return { ...common, host, path: trimPath(url.pathname), query: url.searchParams }
  return {
    ...common,
    host: 'fal.run',
    path: '',
    query: new URLSearchParams(),
    // The status and the rule are those of fal's own proxies.
    problem: { status: 412, detail: 'x-fal-target-url must be an https URL of a fal host' },
  }
}

function trimPath(path: string): string {
  return path.replace(/\/+$/, '')
}
