import type { Asked, Body, Entry, Metadata, Place } from '../../kept.ts'
import type { MessagePart } from '../../state.ts'

/** One message as it is stored. */
export interface StoredEntry {
  readonly place: Place
  readonly body: StoredBody
  readonly metadata?: Metadata
}

/** What a message says, as it is stored: how it was asked is a place in a table, for most are asked alike. */
export interface StoredBody extends Omit<Body, 'asked' | 'error'> {
  readonly asked?: number
  /** As `FalLlmError.toJSON` writes it. */
  readonly error?: object
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

/** Writes a message as plain JSON; bytes stay behind, and their image keeps its name. */
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
