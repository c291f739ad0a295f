import { FalLlmError } from '../../errors.ts'
import type { FalLlmErrorCode, FalLlmErrorDetails } from '../../errors.ts'
import type {
  Asked,
  Body,
  Entry,
  Kept,
  Metadata,
  Place,
  Shown,
  Title,
} from '../engine/conversation.ts'
import type { MessagePart } from '../state.ts'

/** A whole conversation as plain JSON: branches, what waits, jobs. Files that were never uploaded are not in it. */
export interface StoredChat {
  readonly version: 2
  readonly generation: number
  readonly title?: Title
  /** Which version of a fork is shown, by the id of the message above it; '' for the first ones. */
  readonly shown: Readonly<Record<string, Shown>>
  /** How answers were asked; a message names its place in this list, for most are asked alike. */
  readonly asked: readonly Asked[]
  readonly messages: Readonly<Record<string, StoredEntry>>
}

/** One message as plain JSON. */
export interface StoredEntry {
  readonly place: Place
  readonly body: StoredBody
  readonly metadata?: Metadata
}

/** What a message says, as plain JSON. */
export interface StoredBody extends Omit<Body, 'asked' | 'error'> {
  readonly asked?: number
  /** As `FalLlmError.toJSON` writes it. */
  readonly error?: object
}

/** What `toStoredChat` made or `readChat` checked. Anything else may hold whatever somebody wrote. */
const trusted = /* @__PURE__ */ new WeakSet<object>()

/** Marks a conversation as checked. */
export function trustStoredChat(stored: StoredChat): StoredChat {
  trusted.add(stored)
  return stored
}

/** Writes a conversation as plain JSON. Never throws. */
export function toStoredChat(kept: Kept): StoredChat {
  const asked = createAskedTable()
  const { generation, title } = kept
  return trustStoredChat({
    version: 2,
    generation,
    ...(title && { title }),
    shown: Object.fromEntries(kept.shown),
    asked: asked.list,
    messages: Object.fromEntries(
      [...kept.messages].map(([id, entry]) => [id, toStoredEntry(entry, asked.indexOf)]),
    ),
  })
}

/**
 * Takes a conversation as `chat.toJSON()` or `readChat` gave it.
 *
 * @throws FalLlmError `invalid-input` for anything else, parsed JSON included: it was not checked.
 */
export function fromStoredChat(stored: StoredChat): Kept {
  if (!trusted.has(stored)) {
    throw new FalLlmError(
      'invalid-input',
      '`from` takes what readChat() gives: pass the stored text or value through readChat() first',
    )
  }
  const { generation, title, shown, asked, messages } = stored
  return {
    generation,
    ...(title && { title }),
    shown: new Map(Object.entries(shown)),
    messages: new Map(
      Object.entries(messages).map(([id, entry]) => [id, fromStoredEntry(entry, asked)]),
    ),
  }
}

/** Collects how answers were asked, each way once. */
export function createAskedTable(): {
  readonly list: Asked[]
  readonly indexOf: (asked: Asked) => number
} {
  const list: Asked[] = []
  return {
    list,
    indexOf(asked) {
      const known = list.findLastIndex((one) => isSame(one, asked))
      return known < 0 ? list.push(asked) - 1 : known
    },
  }
}

function isSame(left: Asked, right: Asked): boolean {
  if (left === right) return true
  const words =
    left.model === right.model &&
    left.endpoint === right.endpoint &&
    left.mode === right.mode &&
    left.system === right.system
  return words && JSON.stringify(left.params) === JSON.stringify(right.params)
}

/** Writes a message as plain JSON; bytes stay behind, and their picture keeps its name. */
export function toStoredEntry(entry: Entry, indexOf: (asked: Asked) => number): StoredEntry {
  const { asked, error, parts } = entry.body
  const said = parts.some(hasBytes) ? parts.map(withoutBytes) : parts
  const body = { ...entry.body, parts: said }
  if (asked) Object.assign(body, { asked: indexOf(asked) })
  if (error) Object.assign(body, { error: error.toJSON() })
  // Both were replaced by what JSON has for them.
  return { ...entry, body: body as unknown as StoredBody }
}

function hasBytes(part: MessagePart): boolean {
  return part.type === 'image' && /^(data|blob):/i.test(part.url)
}

function withoutBytes(part: MessagePart): MessagePart {
  return part.type === 'image' && hasBytes(part) ? { ...part, url: '' } : part
}

function fromStoredEntry({ place, body, metadata }: StoredEntry, table: readonly Asked[]): Entry {
  const { asked, error, ...rest } = body
  const way = asked === undefined ? undefined : table[asked]
  return {
    place,
    body: { ...rest, ...(way && { asked: way }), ...(error && { error: toError(error) }) },
    ...(metadata && { metadata }),
  }
}

function toError(json: object): FalLlmError {
  // It was written by `FalLlmError.toJSON`, or checked by `readChat`.
  const { code, message, ...details } = json as FalLlmErrorDetails & {
    readonly code: FalLlmErrorCode
    readonly message: string
  }
  return new FalLlmError(code, message, details)
}
