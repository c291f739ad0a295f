// Version 2 of what is stored. A conversation is a number of parts of at most 256 KiB of text; up to there it is one.
// Each part is a conversation of its own, plain JSON with a head that comes first in the text, and merging them gives
// the whole: so a crash between two of them leaves a conversation, and a message found in two of them is one message.

import type { Entry, Kept, Shown } from '../../kept.ts'
import { createAskedTable, toStoredEntry } from './stored-entry.ts'

/** Characters of one part. A single message that is longer has a part of its own. */
const maxPartLength = 256 * 1024

/** Who wrote a part last, and which writing of it that was. */
export interface Head {
  readonly revision: number
  readonly by: string
}

/**
 * Where a part is stored. Later parts have a name that no conversation's first part can have: an id may end in ":1".
 */
export function partKey(chatId: string, part: number): string {
  return part === 0 ? `fal-llm:chat:${chatId}` : `fal-llm:part:${chatId}:${part}`
}

/** Whether a key is that of a part of this conversation. */
export function isPartKey(chatId: string, key: unknown): boolean {
  if (typeof key !== 'string') return false
  return key === partKey(chatId, 0) || /^\d+$/.test(afterPrefix(key, `fal-llm:part:${chatId}:`))
}

function afterPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : ''
}

/** Where a file is stored that waits for its upload. */
export function blobKey(chatId: string, messageId: string, index: number): string {
  return `fal-llm:chat:${chatId}:blob:${messageId}:${index}`
}

/** The text of what a storage gave, which may have parsed it; undefined when it gave nothing. Never throws. */
export function textOf(item: unknown): string | undefined {
  if (item === null || item === undefined) return undefined
  return typeof item === 'string' ? item : (JSON.stringify(item) ?? '')
}

const headPattern = /^\{"version":\d+,"revision":(\d+),"by":"(?:[^"\\]|\\.)*"/

/** The beginning of a text that changes with each writing; the whole text where it has no head. */
export function headOf(text: string): string {
  return headPattern.exec(text)?.[0] ?? text
}

/** The number a storage with `compareAndSet` keeps beside a text, as far as the text knows. */
export function revisionOf(text: string): number {
  return Number(headPattern.exec(text)?.[1] ?? 0)
}

/** What a part holds, and what had no room in it. */
export interface PackedPart {
  readonly text: string
  readonly kept: Kept
  /** Ids of messages that are to go to another part. */
  readonly overflow: readonly string[]
}

/** Writes messages and choices as a part. The first message is always in it; of the others those there is room for. */
export function packPart(
  kept: Kept,
  ids: readonly string[],
  forks: readonly string[],
  { revision, by, parts, isFirst }: Head & { readonly parts: number; readonly isFirst: boolean },
): PackedPart {
  const asked = createAskedTable()
  const messages = new Map<string, Entry>()
  const shown = new Map<string, Shown>()
  for (const fork of forks) {
    const choice = kept.shown.get(fork)
    if (choice) shown.set(fork, choice)
  }
  const { generation, title } = kept
  const head = JSON.stringify({
    version: 2,
    revision,
    by,
    ...(isFirst && { parts, title }),
    generation,
    shown: Object.fromEntries(shown),
  }).slice(0, -1)
  const written: string[] = []
  let asLong = head.length + 32
  let taken = 0
  for (const id of ids) {
    const entry = kept.messages.get(id)
    const known = asked.list.length
    const text = entry ? `${JSON.stringify(id)}:${writeEntry(entry, asked.indexOf)}` : ''
    const way = asked.list.length > known ? JSON.stringify(asked.list[known]).length + 1 : 0
    if (taken > 0 && asLong + text.length + 1 + way > maxPartLength) {
      asked.list.length = known
      break
    }
    taken += 1
    if (!entry) continue
    asLong += text.length + 1 + way
    messages.set(id, entry)
    written.push(text)
  }
  return {
    text: `${head},"asked":${JSON.stringify(asked.list)},"messages":{${written.join(',')}}}`,
    kept: { generation, messages, shown, ...(isFirst && title && { title }) },
    overflow: ids.slice(taken),
  }
}

function writeEntry(entry: Entry, indexOf: Parameters<typeof toStoredEntry>[1]): string {
  try {
    return JSON.stringify(toStoredEntry(entry, indexOf))
  } catch {
    // The app's own metadata or params cannot be written (a BigInt, a cycle): the words are.
    const { asked: _, ...body } = entry.body
    return JSON.stringify(toStoredEntry({ place: entry.place, body }, indexOf))
  }
}
