// What is said when a call did not reach fal, or when something else answered: the address that was asked, what answered,
// and what to do about it. What fal itself says is left as it is.

import type { FalLlmErrorCode } from '../../errors.ts'
import { isBrowser, isOffline, readPageUrl } from './environment.ts'
import type { Target } from './targets.ts'

/** A request as it was sent. */
export interface Asked {
  readonly method: string
  /** fal's own URL for it. */
  readonly falUrl: string
  readonly target: Pick<Target, 'url' | 'headers'>
}

/** Explains why no answer came: a code and words. `systemCode` is undici's, "ECONNREFUSED". Never throws. */
export function explainUnreachable(
  asked: Asked,
  reason: string,
  systemCode: string | undefined,
): { readonly code: FalLlmErrorCode; readonly message: string } {
  const address = toAddress(asked.target.url)
  if (address === undefined) {
    const { url } = asked.target
    const message = `proxyUrl "${url}" is relative, and there is no page here that it could be relative to. Give the whole address ("https://your.app/api/fal/proxy"), or, where a key is safe, none and FAL_KEY`
    return { code: 'invalid-input', message }
  }
  const why = systemCode === undefined ? reason : `${reason} (${systemCode})`
  const advice = adviseUnreachable(wayOf(asked), address, systemCode)
  return { code: 'network', message: `${address} could not be reached: ${why}. ${advice}` }
}

/** A refused call, as much as it takes to explain it. */
export interface Refusal {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  readonly asked: Asked
}

/**
 * Explains an answer that fal did not give, or gave without a word; undefined where `words` are fal's own and say it.
 * Never throws.
 */
export function explainRefusal(refusal: Refusal, words: string | undefined): string | undefined {
  const { status, headers, body, asked } = refusal
  const way = wayOf(asked)
  const address = toAddress(asked.target.url) ?? asked.target.url
  const answered = `${address} answered ${asked.method} with ${status}`
  if (isPage(headers)) {
    const page = `${answered} and a page of HTML${titleOf(body)}`
    return `${page}: ${status >= 500 ? advice.gateway : adviseForeign(way)}`
  }
  // The proxy's own words stand under `detail`, as fal's do; what fal says has an id.
  const isForeign =
    way === 'proxy' && !headers.has('x-fal-request-id') && !/"detail"\s*:/.test(body)
  if (isForeign && status === 404) return `${answered}: ${adviseForeign(way)}`
  if (status === 405 && (isForeign || words === undefined)) {
    return `${answered}: it does not take that method. A route for the proxy exports GET, POST and PUT; each handler of @fal-llm/server takes all three`
  }
  if (words !== undefined) return undefined
  const [, requestId] = /\/requests\/([^/?]+)/.exec(asked.falUrl) ?? []
  if (status === 404 && requestId !== undefined) {
    return `${answered}: fal knows no job "${requestId}" there. Check the id, that the endpoint is the one it was submitted to, and that the key is of the same account; results are kept for an hour`
  }
  if (status === 0 || (status >= 300 && status < 400)) {
    const redirected = `${address} answered with a redirect, which is not followed because it would carry the key away`
    return way === 'fal' ? redirected : `${redirected}. Set ${optionOf(way)} to where it leads`
  }
  return `${answered}, without a reason. ${adviseSilent(status)}`
}

/** Whether an answer is a page for people, which fal never sends. */
export function isPage(headers: Headers): boolean {
  return /^\s*text\/html\b/i.test(headers.get('content-type') ?? '')
}

/** Who was asked: the proxy, what `baseUrl` stands for, or fal itself. */
type Way = 'proxy' | 'base' | 'fal'

function wayOf({ falUrl, target }: Asked): Way {
  if (target.headers['x-fal-target-url'] !== undefined) return 'proxy'
  return toAddress(target.url) === toAddress(falUrl) ? 'fal' : 'base'
}

function optionOf(way: Way): string {
  return way === 'proxy' ? 'proxyUrl' : 'baseUrl (or FAL_BASE_URL)'
}

/** Without its query, which may hold a token; undefined for a relative URL where there is no page. */
function toAddress(url: string): string | undefined {
  const page = readPageUrl()
  if (!URL.canParse(url, page)) return undefined
  const { origin, pathname } = new URL(url, page)
  return origin + pathname
}

const advice = {
  offline: 'This device is offline: try again when it is not',
  unknownHost: 'No such host is known: check its spelling, and the network',
  gateway:
    'what stands in front of the server answered in its place. Try again, or see whether the server is up',
  broken: 'Check the network, and what stands between here and there',
} as const

const unknownHostCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN'])

function adviseUnreachable(way: Way, address: string, systemCode: string | undefined): string {
  if (isOffline()) return advice.offline
  if (systemCode !== undefined && unknownHostCodes.has(systemCode)) return advice.unknownHost
  const origin = readOrigin()
  // A browser says no more than "Failed to fetch".
  if (isBrowser() && origin !== undefined && !address.startsWith(`${origin}/`)) {
    return `It is down, or it does not allow calls from ${origin} (CORS). Mount a proxy of @fal-llm/server on ${origin} and set proxyUrl to it`
  }
  if (way === 'proxy') return 'Start the server of the proxy, or set proxyUrl to where it is'
  if (way === 'base' && (systemCode === undefined || systemCode === 'ECONNREFUSED')) {
    return 'Nothing listens there: start it (the emulator: npx @fal-llm/emulator), or change baseUrl or FAL_BASE_URL'
  }
  return advice.broken
}

function readOrigin(): string | undefined {
  const page = readPageUrl()
  return page === undefined ? undefined : new URL(page).origin
}

function adviseForeign(way: Way): string {
  if (way === 'proxy') {
    return 'no fal proxy is mounted there. Mount one of @fal-llm/server for GET, POST and PUT, or set proxyUrl to where it is'
  }
  return way === 'base'
    ? 'neither fal nor the emulator is there. Change baseUrl or FAL_BASE_URL'
    : 'something between here and fal answered in its place. Try again, or from another network'
}

function adviseSilent(status: number): string {
  if (status === 401 || status === 403) return 'Check FAL_KEY, or the credentials that were given'
  return status === 429 || status >= 500 ? 'Try again later' : 'Check what was asked'
}

function titleOf(body: string): string {
  const [, title = ''] = /<title[^>]*>\s*([^<]{1,60})/i.exec(body) ?? []
  return title.trim() === '' ? '' : ` ("${title.trim()}")`
}
