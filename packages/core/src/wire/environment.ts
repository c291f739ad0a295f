// The only file that looks at the machine it runs on: keys come from the environment in Node,
// and in a browser a key must not be used at all. Both are asked for per call, never at import.

/** Reads an environment variable, trimmed; empty counts as unset. Never throws. */
export function readEnvironment(name: string): string | undefined {
  const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } })
    .process?.env
  return environment?.[name]?.trim() || undefined
}

/** Whether what runs here can be read by the person at the screen. Never throws. */
export function isBrowser(): boolean {
  const scope = globalThis as { document?: unknown; importScripts?: unknown; process?: unknown }
  return (
    scope.document !== undefined ||
    (typeof scope.importScripts === 'function' && scope.process === undefined)
  )
}
