import { rank } from '../kept.ts'
import type { Kept } from '../kept.ts'
import { isCount } from './parts/read-fields.ts'
import { fieldsOf } from '../../json.ts'
import { parseJson } from '../../parse-json.ts'
import type { Change } from './replace-item.ts'

/** What a list of conversations shows of one. */
export interface ChatSummary {
  readonly id: string
  /** The one that was set, else the first words of the first turn; '' where there are none. */
  readonly title: string
  /** Milliseconds since the epoch: when the oldest message was begun. */
  readonly createdAt: number
  /** When the newest one was. */
  readonly updatedAt: number
  /** Messages of every branch; what waits and what was removed is not counted. */
  readonly messageCount: number
}

const maxTitleLength = 60

/** Sums a conversation up; undefined for one in which nothing was said and that has no title. */
export function summarize(id: string, kept: Kept): ChatSummary | undefined {
  let first: { readonly born: number; readonly text: string } | undefined
  let createdAt = Infinity
  let updatedAt = 0
  let messageCount = 0
  let waiting = 0
  for (const { place, body } of kept.messages.values()) {
    if (place.rank !== rank.tree && place.rank !== rank.line) continue
    if (place.rank === rank.tree) messageCount += 1
    else waiting += 1
    createdAt = Math.min(createdAt, body.createdAt)
    updatedAt = Math.max(updatedAt, body.createdAt)
    if (body.role !== 'user' || (first && first.born <= place.born)) continue
    const text = body.parts.map((part) => (part.type === 'text' ? part.text : '')).join(' ')
    first = { born: place.born, text }
  }
  if (messageCount + waiting === 0 && !kept.title?.text) return undefined
  return {
    id,
    title: kept.title?.text || firstWords(first?.text ?? ''),
    createdAt: createdAt === Infinity ? 0 : createdAt,
    updatedAt,
    messageCount,
  }
}

function firstWords(text: string): string {
  const words = text.slice(0, 1_000).replaceAll(/\s+/g, ' ').trim()
  if (words.length <= maxTitleLength) return words
  const start = words.slice(0, maxTitleLength + 1)
  const end = start.lastIndexOf(' ')
  // A word that is longer than the title is cut, but not inside a character.
  return end > 0 ? start.slice(0, end) : [...start].slice(0, -1).join('')
}

/** Where the list of conversations is kept, for a storage that cannot name its keys. */
export const indexKey = 'fal-llm:chats'

/** Reads the list. Never throws. */
export function readIndex(text: string | undefined): ReadonlyMap<string, ChatSummary> {
  const chats = new Map<string, ChatSummary>()
  for (const [id, value] of Object.entries(fieldsOf(fieldsOf(parseJson(text ?? ''))['chats']))) {
    const { title, createdAt, updatedAt, messageCount } = fieldsOf(value)
    if (typeof title !== 'string' || !isCount(messageCount)) continue
    if (typeof createdAt !== 'number' || typeof updatedAt !== 'number') continue
    chats.set(id, { id, title, createdAt, updatedAt, messageCount })
  }
  return chats
}

/** Puts a conversation into the list, or takes it out. What else is there stays. */
export function changeIndex(id: string, summary: ChatSummary | undefined): Change {
  return (text, revision) => {
    const chats = new Map(readIndex(text))
    if (JSON.stringify(chats.get(id)) === JSON.stringify(summary)) return undefined
    if (summary) chats.set(id, summary)
    else chats.delete(id)
    return JSON.stringify({ version: 2, revision, by: '', chats: Object.fromEntries(chats) })
  }
}
