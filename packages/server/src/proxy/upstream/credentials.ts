/** "key_id:secret", or a function that returns it and is called for each request. */
export type Credentials = string | (() => string | undefined | Promise<string | undefined>)

/** The key to use, or why there is none. */
export type KeyReading =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly detail: string }

// What a header may hold. fetch puts a value that it cannot send, here the key, into the text of its error.
const keyGrammar = /^[\x21-\x7e]{1,1024}$/

/**
 * Reads the key: the option, else FAL_KEY, else FAL_KEY_ID and FAL_KEY_SECRET.
 * White space around it, such as a pasted line break, is trimmed. Rejects only when the host's function does.
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

/** Reads an environment variable, trimmed; undefined where it is empty or missing. */
export function readEnvironment(name: string): string | undefined {
  // Edge runtimes have no `process`.
  return typeof process === 'undefined' ? undefined : process.env[name]?.trim() || undefined
}
