/** "key_id:secret", or a function that returns it; asked for each request. */
export type Credentials = string | (() => string | undefined | Promise<string | undefined>)

/** The key to use, or the reason there is none. */
export type KeyReading =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly detail: string }

// What a header may hold. fetch would put an offending value, the key, into its own error.
const keyGrammar = /^[\x21-\x7e]{1,1024}$/

/**
 * Reads the key: the option, else FAL_KEY, else FAL_KEY_ID and FAL_KEY_SECRET.
 * A pasted line break at its ends is trimmed. Rejects only when the caller's own function does.
 */
export async function readKey(credentials: Credentials | undefined): Promise<KeyReading> {
  const raw = typeof credentials === 'function' ? await credentials() : credentials
  const key = (credentials === undefined ? fromEnvironment() : raw)?.trim()
  const source = credentials === undefined ? 'FAL_KEY' : 'credentials'
  if (!key) return { ok: false, detail: `${source} is not set on the server` }
  if (!keyGrammar.test(key)) {
    return { ok: false, detail: `${source} on the server holds characters that no key has` }
  }
  return { ok: true, key }
}

function fromEnvironment(): string | undefined {
  const id = readEnvironment('FAL_KEY_ID')
  const secret = readEnvironment('FAL_KEY_SECRET')
  return readEnvironment('FAL_KEY') ?? (id && secret ? `${id}:${secret}` : undefined)
}

/** Reads a variable of the server's environment, trimmed; undefined where empty or where there is none. */
export function readEnvironment(name: string): string | undefined {
  // Edge runtimes have no `process`.
  return typeof process === 'undefined' ? undefined : process.env[name]?.trim() || undefined
}
