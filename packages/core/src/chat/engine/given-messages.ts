import type { GivenMessage } from './chat-event.ts'
import { rank } from '../kept.ts'
import type { Entry, Kept } from '../kept.ts'

/** Where the entries of given messages begin. */
export interface GivenAs {
  /** The last number in use. */
  readonly at: number
  readonly by: string
}

/** Makes the entries of messages that follow one another; of two with one id the first counts. */
export function entriesOf(
  messages: readonly GivenMessage[],
  { at: start, by }: GivenAs,
): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  let at = start
  let parentId: string | null = null
  for (const { id, entry } of messages) {
    if (entries.has(id)) continue
    at += 1
    const stamp = { at, by }
    entries.set(id, {
      place: { rank: rank.tree, parentId, born: at, ...stamp },
      body: { ...entry.body, ...stamp },
      ...(entry.metadata !== undefined && { metadata: { value: entry.metadata, ...stamp } }),
    })
    parentId = id
  }
  return entries
}

/** What is kept of a conversation that begins with messages. Two chats that begin alike keep alike. */
export function keptOf(messages: readonly GivenMessage[]): Kept {
  return { generation: 0, messages: entriesOf(messages, { at: 0, by: '' }), shown: new Map() }
}
