// The only file that looks at the machine it runs on: keys come from the environment in Node,
// and in a browser a key must not be used at all. Both are asked for per call, never at import.

/** Reads an environment variable, trimmed; empty counts as unset. Never throws. */
export function readEnvironment(name: string): string | undefined {
  const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } })
    .process?.env
  return environment?.[name]?.trim() || undefined
}

/** What of the global scope tells where this runs. */
interface Scope {
  readonly document?: unknown
  readonly importScripts?: unknown
  readonly process?: { readonly versions?: { readonly node?: unknown } }
  readonly Deno?: unknown
  readonly HermesInternal?: unknown
  readonly navigator?: { readonly product?: unknown; readonly onLine?: unknown }
  readonly location?: { readonly href?: unknown }
}

/**
 * Whether what runs here can be read by the person at the screen: a page, a browser's worker, an app of React Native.
 * A bundler's stand-in for `process` makes no server of them. Never throws.
 */
export function isBrowser(): boolean {
  const { document, importScripts, process, Deno, HermesInternal, navigator }: Scope = globalThis
  if (document !== undefined) return true
  if (process?.versions?.node !== undefined || Deno !== undefined) return false
  const isApp = navigator?.product === 'ReactNative' || HermesInternal !== undefined
  return isApp || typeof importScripts === 'function'
}

/** Whether the device knows that it has no network. Never throws. */
export function isOffline(): boolean {
  const { navigator }: Scope = globalThis
  return navigator?.onLine === false
}

/** The address of the page or worker this runs in; undefined where there is none. Never throws. */
export function readPageUrl(): string | undefined {
  const { location }: Scope = globalThis
  const { href } = location ?? {}
  // "about:blank" is a page, but nothing is relative to it.
  return typeof href === 'string' && /^https?:/.test(href) ? href : undefined
}
