/** A conversation in the list. */
export interface ConversationEntry {
  readonly id: string
  /** The beginning of its first message. */
  readonly title: string
  /** When it was last spoken in, milliseconds since the epoch. */
  readonly updatedAt: number
}

/** A conversation that was deleted and can still be brought back. */
export interface RemovedConversation extends ConversationEntry {
  readonly removedAt: number
}

/** What is stored of the list. */
export interface ListedConversations {
  /** Newest first. */
  readonly entries: readonly ConversationEntry[]
  readonly removed: readonly RemovedConversation[]
}

/** The list, and how to change it. */
export interface ListKeeper {
  read(): ListedConversations
  /** Applies one change to what is stored now, which another tab may have written. */
  change(apply: (list: ListedConversations) => ListedConversations): ListedConversations
}

/** Where the list lies in localStorage. */
export const listKey = 'fal-llm-conversations'

/** Keeps the list in a storage; where that refuses, for as long as the page lives. Never throws. */
export function keepList(storage: Pick<Storage, 'getItem' | 'setItem'>): ListKeeper {
  let last: ListedConversations = { entries: [], removed: [] }
  let isStored = true
  const read = (): ListedConversations => {
    if (isStored) last = readList(storage) ?? last
    return last
  }
  return {
    read,
    change(apply) {
      const before = read()
      last = apply(before)
      if (last === before) return last
      try {
        storage.setItem(listKey, JSON.stringify(last))
        isStored = true
      } catch {
        isStored = false
      }
      return last
    },
  }
}

function readList(storage: Pick<Storage, 'getItem'>): ListedConversations | undefined {
  try {
    const stored: unknown = JSON.parse(storage.getItem(listKey) ?? '{}')
    return {
      entries: rowsOf(stored, 'entries', isEntry),
      removed: rowsOf(stored, 'removed', isRemoved),
    }
  } catch {
    return undefined
  }
}

function rowsOf<Row>(
  stored: unknown,
  field: string,
  isRow: (row: unknown) => row is Row,
): readonly Row[] {
  const rows: unknown = Object(stored)[field]
  return Array.isArray(rows) ? rows.filter(isRow) : []
}

function isEntry(row: unknown): row is ConversationEntry {
  const { id, title, updatedAt }: Record<string, unknown> = Object(row)
  return typeof id === 'string' && typeof title === 'string' && typeof updatedAt === 'number'
}

function isRemoved(row: unknown): row is RemovedConversation {
  return isEntry(row) && 'removedAt' in row && typeof row.removedAt === 'number'
}
