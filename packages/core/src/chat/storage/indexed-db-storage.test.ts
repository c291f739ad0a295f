import 'fake-indexeddb/auto'
import { get, createStore, set } from 'idb-keyval'
import { expect, test } from 'vitest'
import { deleteChat, listChats } from './chat-list.ts'
import { indexedDbStorage } from './indexed-db-storage.ts'
import type { ChatStorage } from './chat-storage.ts'

let names = 0
const open = (): Required<ChatStorage> & { name: string } => {
  const name = `test${names++}`
  // It has every method.
  return { ...(indexedDbStorage({ name }) as Required<ChatStorage>), name }
}

test('nothing is opened before the first use', async () => {
  const before = (await indexedDB.databases()).length
  const storage = indexedDbStorage({ name: 'unused' })
  expect(await indexedDB.databases()).toHaveLength(before)
  await storage.getItem('x')
  expect(await indexedDB.databases()).toHaveLength(before + 1)
})

test('compareAndSet writes only over the number it expects', async () => {
  const storage = open()
  expect(await storage.compareAndSet('k', 1, 'no')).toBe(false)
  expect(await storage.getItem('k')).toBeUndefined()
  expect(await storage.compareAndSet('k', 0, 'one')).toBe(true)
  expect(await storage.compareAndSet('k', 0, 'no')).toBe(false)
  expect(await storage.compareAndSet('k', 1, 'two')).toBe(true)
  expect(await storage.getItem('k')).toBe('two')
  await storage.removeItem('k')
  expect(await storage.compareAndSet('k', 0, 'again')).toBe(true)
})

test('of twenty that write at once one wins, each time', async () => {
  const storage = open()
  for (let round = 0; round < 5; round++) {
    const tries = Array.from({ length: 20 }, (_, index) =>
      storage.compareAndSet('k', round, `${index}`),
    )
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  }
})

test('a text of version 1, or put there by setItem, counts as 0 and is read', async () => {
  const storage = open()
  await set('k', 'old', createStore(storage.name, 'chats'))
  expect(await storage.getItem('k')).toBe('old')
  expect(await storage.compareAndSet('k', 0, 'new')).toBe(true)
  await storage.setItem('k', 'plain')
  expect(await storage.getItem('k')).toBe('plain')
  expect(await storage.compareAndSet('k', 0, 'newer')).toBe(true)
})

test('files have a database of their own', async () => {
  const storage = open()
  await storage.blobs.set('f', new Blob(['1234']))
  expect(await (await storage.blobs.get('f'))?.text()).toBe('1234')
  expect(await get('f', createStore(`${storage.name}-files`, 'files'))).toBeDefined()
  expect(await storage.keys()).toEqual([])
  await storage.blobs.remove('f')
  expect(await storage.blobs.get('f')).toBeUndefined()
})

test('it names its keys, so conversations of version 1 are listed and deleted too', async () => {
  const storage = open()
  const message = {
    id: 'u',
    role: 'user',
    parts: [{ type: 'text', text: 'Hi' }],
    status: 'done',
    createdAt: 3,
    parentId: null,
  }
  await storage.setItem('fal-llm:chat:old', JSON.stringify({ version: 1, messages: [message] }))
  expect(await listChats(storage)).toEqual([
    { id: 'old', title: 'Hi', createdAt: 3, updatedAt: 3, messageCount: 1 },
  ])
  await deleteChat(storage, 'old')
  expect(await listChats(storage)).toEqual([])
})
