// The list of conversations, and which of them is open in this tab. The conversations themselves are the chat engine's:
// this only gives it an id. The list is shared by all tabs, the open one is the tab's own.

import { deleteChat } from '@fal-llm/core'
import type { Chat, ChatStorage } from '@fal-llm/core'
import { toConversationTitle } from '../text/conversation-title.ts'
import { keepList, listKey } from './listed-conversations.ts'
import type { ConversationEntry, ListedConversations } from './listed-conversations.ts'
import { pageStorage } from './page-storage.ts'
import { createViewStore } from './view-store.ts'
import type { ViewStore } from './view-store.ts'

/** What the list shows. */
export interface ConversationsState {
  /** For `useFalChat({ id })`. A new conversation is not in the list before its first message. */
  readonly openId: string
  /** Newest first. */
  readonly entries: readonly ConversationEntry[]
  /** The one that was just deleted here; it can be brought back until the reader goes on. */
  readonly removed: ConversationEntry | undefined
}

/** The conversations of this browser. */
export interface Conversations extends ViewStore<ConversationsState> {
  /** For `useFalChat({ storage })`. */
  readonly storage: ChatStorage
  open(id: string): void
  /** Opens an empty conversation; stays where the open one is empty. */
  startNew(): void
  /** Takes one out of the list. The open one is stopped first, and a new one opened. */
  remove(id: string): void
  /** Brings back what `removed` shows, and opens it if it was open. */
  undoRemove(): void
  /** Deletes what `removed` shows for good. */
  dismissRemoved(): void
  /** Lists a chat once it has messages. Returns what ends it. */
  follow(chat: Chat): () => void
}

/** What the list needs of the world. */
export interface ConversationsOptions {
  /** Where the conversations themselves are kept. */
  readonly storage: ChatStorage
  /** Where the list is kept. Default: localStorage. */
  readonly list?: Pick<Storage, 'getItem' | 'setItem'>
  /** Where the tab keeps which one is open. Default: sessionStorage. */
  readonly tab?: Pick<Storage, 'getItem' | 'setItem'>
  readonly createId?: () => string
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

const openKey = 'fal-llm-open-conversation'
/** What was deleted in a tab that is gone can no longer be brought back after this, milliseconds. */
const removedForMs = 60 * 60 * 1000

/** Reads the list and opens the tab's conversation, or a new one. Never throws. */
export function createConversations(options: ConversationsOptions): Conversations {
  const { list = pageStorage('localStorage'), tab = pageStorage('sessionStorage') } = options
  const { now = Date.now } = options
  const { createId = () => `${now().toString(36)}-${Math.random().toString(36).slice(2)}` } =
    options
  // A storage that fails keeps it, unlisted: it only takes room.
  const forget = (id: string): void => void deleteChat(options.storage, id).catch(() => {})
  const keeper = keepList(list)
  let followed: Chat | undefined
  let wasOpen = false

  const store = createViewStore<ConversationsState>({
    openId: readOpen(tab) ?? createId(),
    entries: keeper.read().entries,
    removed: undefined,
  })
  const show = (patch: Partial<ConversationsState>): void => {
    store.set({ ...store.getState(), ...patch })
    saveOpen(tab, store.getState().openId)
  }
  const change = (apply: (before: ListedConversations) => ListedConversations): void =>
    show({ entries: keeper.change(apply).entries })
  const dismissRemoved = (): void => {
    const { removed } = store.getState()
    if (!removed) return
    show({ removed: undefined })
    change((before) => withoutRemoved(before, removed.id))
    forget(removed.id)
  }
  const open = (id: string): void => {
    dismissRemoved()
    if (id !== store.getState().openId) show({ openId: id })
  }
  const startNew = (): void => {
    const { openId, entries } = store.getState()
    open(entries.some(({ id }) => id === openId) ? createId() : openId)
  }
  const note = (entry: ConversationEntry): void => {
    const known = store.getState().entries.find(({ id }) => id === entry.id)
    if (known?.title === entry.title && known.updatedAt === entry.updatedAt) return
    change((before) => withEntry(before, entry))
  }

  saveOpen(tab, store.getState().openId)
  for (const { id, removedAt } of keeper.read().removed) {
    if (now() - removedAt < removedForMs) continue
    keeper.change((before) => withoutRemoved(before, id))
    forget(id)
  }
  globalThis.addEventListener?.('storage', ({ key }) => {
    if (key === listKey) show({ entries: keeper.read().entries })
  })

  return {
    getState: store.getState,
    subscribe: store.subscribe,
    storage: options.storage,
    open,
    startNew,
    remove(id) {
      dismissRemoved()
      const { entries, openId } = store.getState()
      const entry = entries.find((listed) => listed.id === id)
      if (!entry) return
      wasOpen = id === openId
      if (wasOpen && followed?.id === id) void followed.stop()
      change((before) => withRemoved(before, entry, now()))
      show({ removed: entry, ...(wasOpen && { openId: createId() }) })
    },
    undoRemove() {
      const { removed } = store.getState()
      if (!removed) return
      change((before) => withEntry(withoutRemoved(before, removed.id), removed))
      show({ removed: undefined, ...(wasOpen && { openId: removed.id }) })
    },
    dismissRemoved,
    follow(chat) {
      followed = chat
      return chat.subscribe(({ id, messages }) => {
        const [first] = messages
        const last = messages.at(-1)
        if (!first || !last) return
        note({ id, title: toConversationTitle(first.text, 'Images'), updatedAt: last.createdAt })
      })
    },
  }
}

/** A message after a deletion, as in another tab, lists a conversation again; an earlier one does not. */
function withEntry(list: ListedConversations, entry: ConversationEntry): ListedConversations {
  const removed = list.removed.find(({ id }) => id === entry.id)
  if (removed && removed.removedAt >= entry.updatedAt) return list
  const others = list.entries.filter(({ id }) => id !== entry.id)
  const entries = [entry, ...others].toSorted((left, right) => right.updatedAt - left.updatedAt)
  return { ...withoutRemoved(list, entry.id), entries }
}

function withRemoved(
  list: ListedConversations,
  entry: ConversationEntry,
  removedAt: number,
): ListedConversations {
  return {
    entries: list.entries.filter(({ id }) => id !== entry.id),
    removed: [...list.removed, { ...entry, removedAt }],
  }
}

function withoutRemoved(list: ListedConversations, id: string): ListedConversations {
  const removed = list.removed.filter((entry) => entry.id !== id)
  return removed.length === list.removed.length ? list : { ...list, removed }
}

function readOpen(tab: Pick<Storage, 'getItem'>): string | undefined {
  try {
    return tab.getItem(openKey) ?? undefined
  } catch {
    return undefined
  }
}

function saveOpen(tab: Pick<Storage, 'setItem'>, id: string): void {
  try {
    tab.setItem(openKey, id)
  } catch {
    // Only a reload would have needed it.
  }
}
