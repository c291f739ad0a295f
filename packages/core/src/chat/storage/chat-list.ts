// Functions of their own: an app that shows no list of conversations does not carry them.

import { rank } from '../kept.ts'
import { changeIndex, indexKey, readIndex, summarize } from './chat-summary.ts'
import type { ChatSummary } from './chat-summary.ts'
import type { ChatStorage } from './chat-storage.ts'
import { mergeKept } from './merge.ts'
import { tellOtherTabs } from './calls/other-tabs.ts'
import { storageError, withPatience } from './calls/patience.ts'
import { readParts } from './parts/read-parts.ts'
import { readStored } from './parts/read-stored.ts'
import { replaceItem } from './replace-item.ts'
import { runSteps } from './calls/run-steps.ts'
import type { Soon } from './calls/run-steps.ts'
import { blobKey, packPart, partKey, textOf } from './parts/stored-chat.ts'

export type { ChatSummary } from './chat-summary.ts'

/**
 * Lists the conversations of a storage, the newest first. One in which nothing was said, or that was deleted, is not in it.
 *
 * @throws FalLlmError `storage` when the storage fails or does not answer within two seconds.
 */
export async function listChats(storage: ChatStorage): Promise<readonly ChatSummary[]> {
  const chats = storage.keys
    ? await Promise.all((await chatIds(storage)).map((id) => readSummary(storage, id)))
    : [...readIndex(textOf(await call('listed', () => storage.getItem(indexKey)))).values()]
  return chats
    .filter((chat) => chat !== undefined)
    .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
}

const prefix = partKey('', 0)

async function chatIds(storage: ChatStorage): Promise<readonly string[]> {
  const keys = await call('listed', () => storage.keys?.())
  const names: readonly unknown[] = isIterable(keys) ? [...keys] : []
  return names.flatMap((key) => {
    const isChat = typeof key === 'string' && key.startsWith(prefix) && !isAside(key)
    return isChat ? [key.slice(prefix.length)] : []
  })
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

/** What was set aside, and files where they share the storage. */
function isAside(key: string): boolean {
  return /:unreadable:\d+$|:blob:.+:\d+$/.test(key)
}

async function readSummary(storage: ChatStorage, id: string): Promise<ChatSummary | undefined> {
  const { parts } = await call('read', () => runSteps(readParts(storage, id)))
  const [first, ...others] = parts.map(({ kept }) => kept)
  return first && summarize(id, mergeKept(first, ...others))
}

/**
 * Deletes a conversation, its files and what was set aside of it. A mark of some hundred characters stays in its place:
 * without it a page that has the conversation open would write everything back.
 *
 * @throws FalLlmError `storage` when the storage fails or does not answer within two seconds.
 */
export async function deleteChat(storage: ChatStorage, id: string): Promise<void> {
  const key = partKey(id, 0)
  const { parts } = await call('deleted', () => runSteps(readParts(storage, id)))
  const generation = Math.max(0, ...parts.map(({ kept }) => kept.generation))
  if (parts.length > 0) {
    await call('deleted', () =>
      replaceItem(storage, key, (text, revision) => {
        const there = readStored(text)?.kept.generation ?? 0
        const mark = {
          generation: Math.max(there, generation) + 1,
          messages: new Map(),
          shown: new Map(),
        }
        return packPart(mark, [], [], { revision, by: '', parts: 1, isFirst: true }).text
      }),
    )
  }
  for (let part = 1; part < parts.length; part++) {
    await call('deleted', () => storage.removeItem(partKey(id, part)))
  }
  for (const { kept } of parts) {
    for (const [messageId, { place, body }] of kept.messages) {
      if (place.rank !== rank.line) continue
      const images = body.parts.filter((part) => part.type === 'image')
      for (const index of images.keys()) {
        await call('deleted', () => storage.blobs?.remove(blobKey(id, messageId, index)))
      }
    }
  }
  if (storage.keys) {
    const keys = await call('deleted', () => storage.keys?.())
    const asides = [`${key}:unreadable:`, `${prefix.replace('chat', 'part')}${id}:`]
    for (const name of isIterable(keys) ? keys : []) {
      const isOurs =
        typeof name === 'string' && isAside(name) && asides.some((one) => name.startsWith(one))
      if (isOurs) await call('deleted', () => storage.removeItem(name))
    }
  } else await call('deleted', () => replaceItem(storage, indexKey, changeIndex(id, undefined)))
  tellOtherTabs(key)
}

async function call<T>(what: string, work: () => Soon<T>): Promise<T> {
  try {
    return await withPatience(work(), what)
  } catch (cause) {
    throw storageError(what, cause)
  }
}
