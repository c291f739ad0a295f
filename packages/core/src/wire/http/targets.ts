// Where a call goes and what proves who sends it. The key goes to fal's own hosts or to the configured
// base URL, and nowhere else; through a proxy it does not travel at all.

import { FalLlmError } from '../../errors.ts'
import { isBrowser, readEnvironment, readPageUrl } from './environment.ts'

/** The hosts that are given the key. */
const apiHosts: ReadonlySet<string> = new Set(['fal.run', 'queue.fal.run', 'rest.fal.ai'])
/** Where files lie; what they need is in their URL. */
const fileHosts: ReadonlySet<string> = new Set(['v3.fal.media', 'v3b.fal.media', 'fal.media'])

/** "key_id:secret", or a function that returns it; it is asked before each request and has `timeouts.callbackMs`. */
export type Credentials = string | (() => string | undefined | Promise<string | undefined>)

/** The part of the client's options that decides where calls go. */
export interface TargetOptions {
  readonly credentials?: Credentials
  readonly proxyUrl?: string
  readonly baseUrl?: string
  /** Short-lived tokens for calling fal straight from a browser; given the endpoint with its path ("openrouter/router/stream"). Used for run and stream; the queue and uploads go through the proxy. */
  readonly tokenProvider?: (endpoint: string) => Promise<string>
  readonly dangerouslyAllowBrowserCredentials?: boolean
}

/** One request's address, and what it must carry. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** What must never be repeated in an error. */
  readonly secret: string | undefined
}

/**
 * Resolves one of fal's own URLs to where it is sent in this set-up.
 *
 * @throws FalLlmError `auth` when there is no key, one that cannot be sent, or a raw key in a browser; `invalid-input` for a URL of someone else, or a base URL that is none.
 */
export async function resolveTarget(options: TargetOptions, falUrl: string): Promise<Target> {
  const url = parseUrl(falUrl)
  if (url?.protocol !== 'https:' || url.username || url.port || !apiHosts.has(url.host)) {
    throw new FalLlmError('invalid-input', `"${falUrl}" is not an address of fal's API`)
  }
  const baseUrl = configuredBaseUrl(options)
  if (options.tokenProvider && url.host === 'fal.run') {
    const { tokenProvider } = options
    const token = await askCaller('tokenProvider', () => tokenProvider(url.pathname.slice(1)))
    if (!isSendable(token)) throw unusable('What tokenProvider gave', token)
    url.searchParams.set('fal_jwt_token', token)
    return { url: mapped(url, baseUrl), headers: {}, secret: token }
  }
  const proxyUrl = options.proxyUrl ?? defaultProxyUrl(options, baseUrl)
  if (proxyUrl !== undefined) {
    return { url: proxyUrl, headers: { 'x-fal-target-url': url.href }, secret: undefined }
  }
  const direct = mapped(url, baseUrl)
  const key = await readKey(options)
  if (key !== undefined) {
    return { url: direct, headers: { authorization: `Key ${key}` }, secret: key }
  }
  if (baseUrl !== undefined) return { url: direct, headers: {}, secret: undefined }
  throw new FalLlmError(
    'auth',
    'No fal key. Set FAL_KEY to "key_id:secret", or pass credentials to createFalLlm()',
  )
}

/**
 * Resolves an address that fal handed out for a file. Nothing is added to it: no key, no proxy.
 *
 * @throws FalLlmError `provider` for one that is not a web address.
 */
export function resolveFileUrl(options: TargetOptions, address: string): string {
  const url = parseUrl(address)
  const baseUrl = configuredBaseUrl(options)
  if (url && (fileHosts.has(url.host) || apiHosts.has(url.host))) return mapped(url, baseUrl)
  const isWeb = url?.protocol === 'https:' || (url?.protocol === 'http:' && isNear(url, options))
  if (url && isWeb) return url.href
  throw new FalLlmError(
    'provider',
    `fal's storage named no address the file can be sent to, but "${address.slice(0, 100)}"`,
  )
}

/** Whether http will do: an emulator is on this machine, where `baseUrl` says, or behind the proxy or the server of the page. */
function isNear({ hostname, origin }: URL, options: TargetOptions): boolean {
  if (configuredBaseUrl(options) !== undefined) return true
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return true
  return [options.proxyUrl, readPageUrl()].some(
    (known) => known !== undefined && parseUrl(known)?.origin === origin,
  )
}

function mapped(url: URL, baseUrl: string | undefined): string {
  return baseUrl === undefined ? url.href : `${baseUrl}/${url.host}${url.pathname}${url.search}`
}

function configuredBaseUrl(options: TargetOptions): string | undefined {
  const baseUrl = options.baseUrl ?? readEnvironment('FAL_BASE_URL')
  return baseUrl === undefined ? undefined : parseBaseUrl(baseUrl)
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function defaultProxyUrl(options: TargetOptions, baseUrl: string | undefined): string | undefined {
  if (!isBrowser() || options.credentials !== undefined || baseUrl !== undefined) return undefined
  return '/api/fal/proxy'
}

async function readKey(options: TargetOptions): Promise<string | undefined> {
  const { credentials } = options
  if (isBrowser() && credentials !== undefined && !options.dangerouslyAllowBrowserCredentials) {
    throw new FalLlmError(
      'auth',
      'A fal key in a browser or an app can be read by anyone. Remove credentials and set proxyUrl to a route of @fal-llm/server, or set dangerouslyAllowBrowserCredentials',
    )
  }
  const given: unknown =
    typeof credentials === 'function' ? await askCaller('credentials', credentials) : credentials
  const key = given ?? (credentials === undefined ? keyOfEnvironment() : undefined)
  if (key === undefined) return undefined
  if (typeof key !== 'string') throw unusable('The fal key', key)
  const trimmed = key.trim()
  if (trimmed === '') return undefined
  if (!isSendable(trimmed)) throw unusable('The fal key', trimmed)
  return trimmed
}

function keyOfEnvironment(): string | undefined {
  if (isBrowser()) return undefined
  const id = readEnvironment('FAL_KEY_ID')
  const secret = readEnvironment('FAL_KEY_SECRET')
  return readEnvironment('FAL_KEY') ?? (id && secret ? `${id}:${secret}` : undefined)
}

/** What can stand in a header or an address as it is: printable ASCII without a space. */
function isSendable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

const flaws: readonly (readonly [RegExp, string])[] = [
  [/[\r\n]/, 'holds a line break'],
  [/\0/, 'holds a NUL character'],
  [/\s/, 'holds a space'],
  [/^$/, 'is empty'],
]

/** Says what is wrong with a key or a token, and never the key. */
function unusable(what: string, value: unknown): FalLlmError {
  const flaw =
    typeof value === 'string'
      ? (flaws.find(([pattern]) => pattern.test(value))?.[1] ?? 'holds a character no key has')
      : `is of type ${typeof value}, not a string`
  return new FalLlmError('auth', `${what} ${flaw}. Copy it once more, as one line`)
}

/** Asks a function of the caller's; what it throws is said to be its own. */
async function askCaller<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof FalLlmError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    // What a function needs to find a key may be back in a moment.
    throw new FalLlmError('auth', `${name}() failed: ${reason}`, { cause, retryable: true })
  }
}

function parseBaseUrl(baseUrl: string): string {
  if (!/^https?:\/\/[^/\s]+/.test(baseUrl)) {
    throw new FalLlmError(
      'invalid-input',
      `baseUrl must be an http(s) URL such as "http://127.0.0.1:8787", not "${baseUrl}"`,
    )
  }
  return baseUrl.replace(/\/+$/, '')
}
