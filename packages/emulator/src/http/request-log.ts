import type { CallName } from '../faults/fault.ts'
import { parseJson } from '../json.ts'
import type { FalAddress } from './address.ts'

/** A request as it arrived, and its outcome. */
export interface LoggedRequest {
  readonly method: string
  /** The fal host it was meant for. */
  readonly host: string
  /** fal's own path, without the host. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** All but `authorization`, whose value is never kept. */
  readonly headers: Readonly<Record<string, string>>
  /** The scheme of the Authorization header ("Key"); undefined when there was none. */
  readonly authorization: string | undefined
  /**
   * Parsed where it was JSON, text where it was not; undefined for uploads, above 64 Ki characters and where there was
   * none.
   */
  readonly body: unknown
  /** The length of the body that is kept; 0 where none is. */
  readonly bodyCharacters: number
  readonly requestId: string
  readonly receivedAt: number
  /** The kind of the call; undefined for an address that has none. */
  readonly call: CallName | undefined
  /** The same as `call` after the call was accepted: an accepted submit has `accepted: 'submit'`. */
  readonly accepted: CallName | undefined
  /** The status of the answer; undefined while there is none. */
  readonly status: number | undefined
}

/** Remembers the requests that arrived, up to a limit. */
export interface RequestLog {
  /** Oldest first. The array is the log itself: it grows. */
  readonly requests: readonly LoggedRequest[]
  /** Adds an entry. Returns the function that changes it. */
  add(request: LoggedRequest): (changes: Partial<LoggedRequest>) => void
}

const maxLoggedBodyCharacters = 65_536

/** Writes the entry of a request that has just arrived. */
export function toLogEntry(
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  address: FalAddress,
  known: Pick<LoggedRequest, 'requestId' | 'receivedAt' | 'call'>,
): LoggedRequest {
  const { authorization, ...otherHeaders } = Object.fromEntries(headers)
  return {
    ...known,
    method,
    host: address.host,
    path: address.path,
    query: Object.fromEntries(address.query),
    headers: otherHeaders,
    authorization: authorization?.trim().split(/\s/)[0],
    body: undefined,
    bodyCharacters: 0,
    accepted: undefined,
    status: undefined,
  }
}

/** Picks what the log keeps of a body. */
export function toLoggedBody(text: string): Pick<LoggedRequest, 'body' | 'bodyCharacters'> {
  if (text === '' || text.length > maxLoggedBodyCharacters) {
    return { body: undefined, bodyCharacters: 0 }
  }
  const parsed = parseJson(text)
  return { body: parsed.ok ? parsed.value : text, bodyCharacters: text.length }
}

/** The bodies hold at most so many characters together; beyond that the oldest requests are forgotten. */
const maxCharacters = 64 * 1024 * 1024

/** Creates an empty log of at most `limit` entries; the oldest go first. */
export function createRequestLog(limit: number, changed: () => void): RequestLog {
  const requests: LoggedRequest[] = []
  let characters = 0
  const forgetOldest = (): void => {
    characters -= requests.shift()?.bodyCharacters ?? 0
  }
  return {
    requests,
    add(request) {
      const entry = { ...request }
      requests.push(entry)
      while (requests.length > limit) forgetOldest()
      changed()
      return (changes) => {
        const { bodyCharacters: more = 0 } = changes
        if (more > 0 && requests.includes(entry)) characters += more
        Object.assign(entry, changes)
        while (characters > maxCharacters) forgetOldest()
        changed()
      }
    },
  }
}
