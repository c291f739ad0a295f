import { settled } from '@fal-llm/testkit/settled'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { FalLlmError } from '../../errors.ts'
import { emptyKept, rank } from '../kept.ts'
import type { Body, Entry, Kept, Place } from '../kept.ts'
import type { ChatStorage } from './chat-storage.ts'
import { deleteChat, listChats } from './chat-list.ts'
import { createPersistence } from './persistence.ts'
import { readStored } from './parts/read-stored.ts'
import { shownPath } from './rebase.ts'
import { partKey } from './parts/stored-chat.ts'

const faked = ['setTimeout', 'clearTimeout', 'performance'] as const
beforeEach(() => void vi.useFakeTimers({ toFake: [...faked] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
const key = partKey('chat', 0)

/** A storage in memory that notes what is written. */
function createMemory() {
  const items = new Map<string, string>()
  const writes: string[] = []
  const storage = {
    getItem: (name: string): unknown => items.get(name) ?? null,
    setItem(name: string, value: string): unknown {
      writes.push(name)
      items.set(name, value)
      return undefined
    },
    removeItem: (name: string): unknown => items.delete(name),
  }
  return { items, writes, storage: storage as ChatStorage & typeof storage }
}
/** The same, with a number beside each key, asynchronous. */
function createNumbered() {
  const memory = createMemory()
  const numbers = new Map<string, number>()
  const storage: ChatStorage = {
    getItem: async (name) => memory.items.get(name) ?? null,
    async setItem(name, value) {
      numbers.delete(name)
      memory.storage.setItem(name, value)
    },
    async removeItem(name) {
      numbers.delete(name)
      memory.items.delete(name)
    },
    async compareAndSet(name, expected, value) {
      if ((numbers.get(name) ?? 0) !== expected) return false
      memory.storage.setItem(name, value)
      numbers.set(name, expected + 1)
      return true
    },
  }
  return { ...memory, numbers, storage }
}

/** A chat as far as keeping it goes: what is said, and what is adopted. */
function openChat(storage: ChatStorage, by = 'a', id = 'chat') {
  let kept: Kept = emptyKept
  const seen: { failures: (FalLlmError | undefined)[]; opened: number; adopted: number } = {
    failures: [],
    opened: 0,
    adopted: 0,
  }
  const files = new Map<string, readonly (Blob | undefined)[]>()
  const persistence = createPersistence({
    storage,
    chatId: id,
    by,
    generation: 0,
    seeds: new Set(),
    kept: () => kept,
    adopt(next, blobs) {
      kept = next
      seen.adopted += 1
      for (const [message, list] of blobs) files.set(message, list)
    },
    opened: () => void (seen.opened += 1),
    failing: (error) => void seen.failures.push(error),
  })
  const write = (name: string, place: Partial<Place>, body: Partial<Body> = {}): void => {
    let at = 0
    for (const one of kept.messages.values()) at = Math.max(at, one.place.at, one.body.at)
    const stamp = { at: at + 1, by }
    const before = kept.messages.get(name)
    const entry: Entry = {
      place: {
        rank: rank.tree,
        parentId: null,
        born: at + 1,
        ...before?.place,
        ...place,
        ...stamp,
      },
      body: {
        attempt: 0,
        ended: true,
        role: 'user',
        parts: [{ type: 'text', text: name }],
        status: 'done',
        createdAt: at,
        ...before?.body,
        ...body,
        ...stamp,
      },
    }
    kept = { ...kept, messages: new Map(kept.messages).set(name, entry) }
  }
  return {
    persistence,
    seen,
    files,
    write,
    kept: () => kept,
    setKept: (next: Kept) => void (kept = next),
    /** Says something and lets it be written. */
    say(name: string, place: Partial<Place> = {}, body: Partial<Body> = {}) {
      write(name, { parentId: shownPath(kept).at(-1) ?? null, ...place }, body)
      persistence.touch()
    },
    clear() {
      kept = { ...emptyKept, generation: kept.generation + 1 }
      persistence.touch()
    },
    ids: () => [...kept.messages.keys()],
  }
}
const storedIds = (items: ReadonlyMap<string, string>, name = key): readonly string[] => [
  ...(readStored(items.get(name))?.kept.messages.keys() ?? []),
]

test('what was said is there when it is opened again', async () => {
  const { storage } = createMemory()
  const chat = openChat(storage)
  await chat.persistence.read()
  expect(chat.seen).toMatchObject({ opened: 1, adopted: 0 })
  chat.say('one')
  chat.say('two')
  await settled()
  const again = openChat(storage, 'b')
  await again.persistence.read()
  expect(again.kept()).toEqual(chat.kept())
  expect(again.seen).toMatchObject({ opened: 1, adopted: 1, failures: [] })
})

test('nothing is read or written before it is asked for, and nothing is written of nothing', async () => {
  const { storage, writes } = createMemory()
  const getItem = vi.spyOn(storage, 'getItem')
  const { persistence } = openChat(storage)
  await settled()
  expect(getItem).not.toHaveBeenCalled()
  await persistence.read()
  await vi.advanceTimersByTimeAsync(5_000)
  await persistence.flush()
  expect(writes).toEqual([])
})

test('rule 18: at most four writes a second, the first at once; a flush goes at once', async () => {
  const { storage, writes } = createMemory()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  chat.say('answer')
  await settled()
  expect(writes).toHaveLength(1)
  for (let token = 0; token < 1_000; token++) {
    chat.write('answer', {}, { parts: [{ type: 'text', text: 'x'.repeat(token) }] })
    chat.persistence.touch()
    if (token % 10 === 9) await vi.advanceTimersByTimeAsync(10)
  }
  expect(writes).toHaveLength(1 + 4)
  chat.write('answer', {}, { status: 'stopped' })
  void chat.persistence.flush()
  expect(writes).toHaveLength(1 + 4 + 1)
})

test('rule 18: thirty quick answers make at most four writes a second', async () => {
  const { storage, writes } = createMemory()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  for (let count = 0; count < 30; count++) {
    chat.say(`m${count}`)
    await vi.advanceTimersByTimeAsync(33)
  }
  await vi.advanceTimersByTimeAsync(1_000)
  expect(writes.length).toBeLessThanOrEqual(6)
  expect(storedIds(new Map([[key, String(storage.getItem(key))]]))).toHaveLength(30)
})

test('a synchronous storage is read, and written by a flush, before anything else happens', () => {
  const { storage, items } = createMemory()
  const chat = openChat(storage)
  void chat.persistence.read()
  expect(chat.seen.opened).toBe(1)
  chat.say('typed')
  void chat.persistence.flush()
  expect(storedIds(items)).toEqual(['typed'])
})

test('a text whose head is known is not parsed again', async () => {
  const { storage } = createMemory()
  const chat = openChat(storage)
  await chat.persistence.read()
  chat.say('one')
  await settled()
  const parse = vi.spyOn(JSON, 'parse')
  await chat.persistence.read()
  await chat.persistence.read()
  expect(parse.mock.calls.filter(([text]) => text.includes('"one"'))).toEqual([])
  parse.mockRestore()
})

test('rule 25: a storage is never written over unread', async () => {
  const { storage, items, writes } = createMemory()
  const before = openChat(storage, 'b')
  await before.persistence.read()
  before.say('theirs')
  await settled()
  writes.length = 0
  // Said before anything was read: the first thing it does is to read.
  const chat = openChat(storage)
  chat.say('mine')
  await settled()
  expect(storedIds(items)).toEqual(['theirs', 'mine'])
  expect(chat.kept().messages.get('mine')?.place.parentId).toBe('theirs')
  expect(shownPath(chat.kept())).toEqual(['theirs', 'mine'])
})

test('a getItem that fails once: the words wait, and are merged and stored by the next try', async () => {
  const { storage, items } = createMemory()
  const before = openChat(storage, 'b')
  await before.persistence.read()
  before.say('theirs')
  await settled()
  const getItem = vi.spyOn(storage, 'getItem').mockImplementationOnce(() => {
    throw new Error('locked')
  })
  const chat = openChat(storage)
  await chat.persistence.read()
  expect(chat.seen).toMatchObject({ opened: 1, failures: [{ code: 'storage' }] })
  expect(chat.seen.failures[0]?.message).toMatch(/could not be read: locked/)
  expect(storedIds(items)).toEqual(['theirs'])
  chat.say('mine')
  await vi.advanceTimersByTimeAsync(300)
  expect(getItem.mock.calls.length).toBeGreaterThan(1)
  expect(storedIds(items)).toEqual(['theirs', 'mine'])
  expect(chat.seen.failures).toEqual([expect.anything(), undefined])
})

test('what cannot be read now is not written over, however often it is tried', async () => {
  const { storage, items } = createMemory()
  items.set(key, 'still there')
  storage.getItem = () => {
    throw new Error('locked')
  }
  const chat = openChat(storage)
  for (let count = 0; count < 5; count++) {
    chat.say(`m${count}`)
    await vi.advanceTimersByTimeAsync(500)
  }
  await chat.persistence.flush()
  expect(items.get(key)).toBe('still there')
  expect([...items.keys()]).toEqual([key])
  // Once, not with every try.
  expect(chat.seen.failures).toHaveLength(1)
})

test('a read that never answers: the chat opens after two seconds, and saving begins with the next try', async () => {
  const { storage, items } = createMemory()
  const answer = vi.spyOn(storage, 'getItem').mockImplementationOnce(() => new Promise(() => {}))
  const chat = openChat(storage)
  const opening = chat.persistence.read()
  chat.say('mine')
  await vi.advanceTimersByTimeAsync(1_999)
  expect(chat.seen).toMatchObject({ opened: 0, failures: [] })
  await vi.advanceTimersByTimeAsync(1)
  await opening
  expect(chat.seen).toMatchObject({ opened: 1, failures: [{ code: 'storage' }] })
  expect(chat.seen.failures[0]?.message).toContain('2000 ms')
  chat.say('more')
  await vi.advanceTimersByTimeAsync(300)
  expect(answer.mock.calls.length).toBeGreaterThan(1)
  expect(storedIds(items)).toEqual(['mine', 'more'])
  expect(chat.seen.failures.at(-1)).toBeUndefined()
})

test('a read that ends after its patience is adopted all the same, and what was said is lifted above it', async () => {
  const { storage, items } = createMemory()
  const before = openChat(storage, 'b')
  await before.persistence.read()
  before.say('theirs')
  await settled()
  const text = items.get(key)
  let answer: (value: unknown) => void = () => {}
  storage.getItem = () => new Promise((resolve) => (answer = resolve))
  const chat = openChat(storage)
  void chat.persistence.read()
  chat.say('mine')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(chat.seen).toMatchObject({ opened: 1, adopted: 0 })
  // The one that hangs is answered; the storage works again.
  const late = answer
  storage.getItem = (name: string) => items.get(name) ?? null
  late(text)
  await vi.advanceTimersByTimeAsync(300)
  expect(shownPath(chat.kept())).toEqual(['theirs', 'mine'])
  expect(storedIds(items)).toEqual(['theirs', 'mine'])
  expect(chat.seen.opened).toBe(1)
  expect(chat.seen.failures.at(-1)).toBeUndefined()
})

test('a read that ends after a later one is not heard: what was cleared since stays cleared', async () => {
  const { storage, items } = createMemory()
  let answer: (value: unknown) => void = () => {}
  vi.spyOn(storage, 'getItem').mockImplementationOnce(
    () => new Promise((resolve) => (answer = resolve)),
  )
  const chat = openChat(storage)
  void chat.persistence.read()
  await vi.advanceTimersByTimeAsync(2_000)
  chat.say('mine')
  await vi.advanceTimersByTimeAsync(300)
  expect(storedIds(items)).toEqual(['mine'])
  const other = openChat(storage, 'b')
  await other.persistence.read()
  other.clear()
  await other.persistence.flush()
  answer(null)
  await vi.advanceTimersByTimeAsync(1_000)
  await chat.persistence.read()
  expect(chat.ids()).toEqual([])
  expect(storedIds(items)).toEqual([])
})

test('rule 18: a storage that is full is reported once, and tried again with each write', async () => {
  const { storage, items } = createMemory()
  const setItem = vi.spyOn(storage, 'setItem').mockImplementation(() => {
    throw new DOMException('The quota has been exceeded', 'QuotaExceededError')
  })
  const chat = openChat(storage)
  await chat.persistence.read()
  for (let count = 0; count < 3; count++) {
    chat.say(`m${count}`)
    await vi.advanceTimersByTimeAsync(300)
  }
  expect(setItem).toHaveBeenCalledTimes(3)
  expect(chat.seen.failures).toHaveLength(1)
  expect(chat.seen.failures[0]?.message).toMatch(/could not be saved: The quota.*tried again/)
  setItem.mockRestore()
  chat.say('last')
  await vi.advanceTimersByTimeAsync(300)
  expect(storedIds(items)).toEqual(['m0', 'm1', 'm2', 'last'])
  expect(chat.seen.failures).toEqual([expect.anything(), undefined])
})

test('rule 18: a setItem that never answers holds a flush up for two seconds, and one write at a time', async () => {
  const { storage } = createMemory()
  const setItem = vi.spyOn(storage, 'setItem').mockImplementation(() => new Promise(() => {}))
  const chat = openChat(storage)
  await chat.persistence.read()
  chat.say('one')
  let isFlushed = false
  void chat.persistence.flush().then(() => (isFlushed = true))
  chat.say('two')
  await vi.advanceTimersByTimeAsync(1_900)
  expect(setItem).toHaveBeenCalledTimes(1)
  expect(isFlushed).toBe(false)
  await vi.advanceTimersByTimeAsync(100)
  expect(isFlushed).toBe(true)
  expect(chat.seen.failures).toHaveLength(1)
})

test('a write that lands after its patience loses nothing that was written since', async () => {
  const { storage, items } = createMemory()
  const real = storage.setItem.bind(storage)
  const chat = openChat(storage)
  await chat.persistence.read()
  let land = (): void => {}
  vi.spyOn(storage, 'setItem').mockImplementationOnce(
    (name, value) => new Promise((resolve) => (land = () => resolve(real(name, value)))),
  )
  chat.say('one')
  await vi.advanceTimersByTimeAsync(2_100)
  chat.say('two')
  await vi.advanceTimersByTimeAsync(300)
  expect(storedIds(items)).toEqual(['one', 'two'])
  land()
  expect(storedIds(items)).toEqual(['one'])
  await chat.persistence.read()
  await vi.advanceTimersByTimeAsync(300)
  expect(storedIds(items)).toEqual(['one', 'two'])
})

test('rule 18: what cannot be read at all is set aside under another name, once', async () => {
  const { storage, items } = createMemory()
  items.set(key, 'from the future')
  const chat = openChat(storage)
  await chat.persistence.read()
  const asides = (): [string, string][] =>
    [...items].filter(([name]) => name.includes(':unreadable:'))
  expect(asides().map(([, text]) => text)).toEqual(['from the future'])
  expect(chat.seen.failures[0]).toMatchObject({ code: 'storage', message: /set aside/ })
  chat.say('mine')
  await vi.advanceTimersByTimeAsync(300)
  expect(storedIds(items)).toEqual(['mine'])
  expect(chat.seen.failures.at(-1)).toBeUndefined()
  await openChat(storage, 'b').persistence.read()
  expect(asides()).toHaveLength(1)
})

test('what can be read in part is kept in part, and set aside once', async () => {
  const { storage, items } = createMemory()
  const chat = openChat(storage, 'b')
  await chat.persistence.read()
  chat.say('whole')
  await settled()
  const torn = items.get(key)?.replace('"messages":{', '"messages":{"odd":{},') ?? ''
  items.set(key, torn)
  const again = openChat(storage)
  await again.persistence.read()
  await vi.advanceTimersByTimeAsync(300)
  expect(again.ids()).toEqual(['whole'])
  const asides = [...items].filter(([name]) => name.includes(':unreadable:'))
  expect(asides.map(([, text]) => text)).toEqual([torn])
  expect(readStored(items.get(key))?.isWhole).toBe(true)
})

test('what can neither be read nor set aside is not written over', async () => {
  const { storage, items } = createMemory()
  items.set(key, 'from the future')
  storage.setItem = () => {
    throw new Error('full')
  }
  const chat = openChat(storage)
  chat.say('mine')
  await vi.advanceTimersByTimeAsync(300)
  expect(items.get(key)).toBe('from the future')
  expect(chat.seen).toMatchObject({ opened: 1, failures: [{ code: 'storage' }] })
})

test('a conversation of version 1 is read, and stored as version 2 with the next change', async () => {
  const { storage, items } = createMemory()
  const message = {
    id: 'u',
    role: 'user',
    parts: [{ type: 'text', text: 'Hi' }],
    status: 'done',
    createdAt: 1,
    parentId: null,
  }
  items.set(key, JSON.stringify({ version: 1, messages: [message], chosen: ['u'], waiting: [] }))
  const chat = openChat(storage)
  await chat.persistence.read()
  expect(chat.ids()).toEqual(['u'])
  expect(items.get(key)).toContain('"version":1')
  chat.say('next')
  await settled()
  expect(items.get(key)).toMatch(/^\{"version":2/)
  expect(storedIds(items)).toEqual(['u', 'next'])
  expect([...items.keys()].filter((name) => name.includes('unreadable'))).toEqual([])
})

test('two chats: each has what the other said, and a stored copy that lacks something is written again', async () => {
  const { storage, items } = createMemory()
  const [one, two] = [openChat(storage, 'a'), openChat(storage, 'b')]
  await Promise.all([one.persistence.read(), two.persistence.read()])
  one.say('from one')
  await settled()
  const alone = items.get(key) ?? ''
  two.say('from two')
  await settled()
  expect(storedIds(items)).toEqual(['from one', 'from two'])
  await one.persistence.read()
  expect(one.ids()).toEqual(['from one', 'from two'])
  // Somebody wrote over it without reading.
  items.set(key, alone)
  await two.persistence.read()
  await vi.advanceTimersByTimeAsync(300)
  expect(storedIds(items)).toEqual(['from one', 'from two'])
})

test('of the choices of a fork the newest is stored, whichever a tab goes on showing', async () => {
  const { storage } = createMemory()
  const [one, two] = [openChat(storage, 'a'), openChat(storage, 'b')]
  await one.persistence.read()
  one.say('u')
  one.say('first', { parentId: 'u' })
  one.say('second', { parentId: 'u' })
  const choose = (chat: typeof one, id: string, at: number): void => {
    const shown = new Map(chat.kept().shown).set('u', { id, at, by: 'x' })
    chat.setKept({ ...chat.kept(), shown })
  }
  choose(one, 'second', 10)
  await one.persistence.flush()
  await two.persistence.read()
  choose(two, 'first', 20)
  await two.persistence.flush()
  await one.persistence.read()
  one.say('more', { parentId: 'second' })
  await one.persistence.flush()
  expect(shownPath(one.kept())).toEqual(['u', 'second', 'more'])
  const later = openChat(storage, 'c')
  await later.persistence.read()
  expect(shownPath(later.kept())).toEqual(['u', 'first'])
})

test('a clear in one chat clears the other, but for what was not written yet', async () => {
  const { storage, items } = createMemory()
  const [one, two] = [openChat(storage, 'a'), openChat(storage, 'b')]
  await one.persistence.read()
  one.say('before')
  await settled()
  await two.persistence.read()
  one.clear()
  void one.persistence.flush()
  two.say('unwritten')
  await vi.advanceTimersByTimeAsync(300)
  expect(two.ids()).toEqual(['unwritten'])
  expect(storedIds(items)).toEqual(['unwritten'])
  await one.persistence.read()
  expect(one.ids()).toEqual(['unwritten'])
})

test('compareAndSet: a write that comes too late reads, merges and tries again', async () => {
  const { storage, items, numbers } = createNumbered()
  const [one, two] = [openChat(storage, 'a'), openChat(storage, 'b')]
  await Promise.all([one.persistence.read(), two.persistence.read()])
  one.say('from one')
  two.say('from two')
  await Promise.all([one.persistence.flush(), two.persistence.flush()])
  await vi.advanceTimersByTimeAsync(1_000)
  expect([...storedIds(items)].sort()).toEqual(['from one', 'from two'])
  expect(readStored(items.get(key))).toBeDefined()
  expect(items.get(key)).toContain(`"revision":${numbers.get(key)}`)
})

test.each([
  ['a value of version 1', '{"version":1,"messages":[],"chosen":[],"waiting":[]}'],
  ['a value put there by setItem', '{"version":2,"revision":7,"by":"x","messages":{}}'],
])('compareAndSet: %s counts as 0', async (_name, text) => {
  const { storage, items, numbers } = createNumbered()
  await storage.setItem(key, text)
  const chat = openChat(storage)
  await chat.persistence.read()
  chat.say('mine')
  await vi.advanceTimersByTimeAsync(300)
  expect(storedIds(items)).toEqual(['mine'])
  expect(numbers.get(key)).toBe(1)
  expect(chat.seen.failures).toEqual([])
})

test('compareAndSet that refuses for ever is given up, and tried with the next change', async () => {
  const { storage } = createNumbered()
  const compareAndSet = vi.fn(async () => false)
  const chat = openChat({ ...storage, compareAndSet })
  await chat.persistence.read()
  chat.say('mine')
  await settled()
  const tries = compareAndSet.mock.calls.length
  expect(tries).toBeGreaterThan(1)
  expect(tries).toBeLessThan(20)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(compareAndSet.mock.calls.length).toBeLessThanOrEqual(tries * 5)
})

/** A page, as far as storages see it: locks that are granted in order, and channels. */
function stubPage() {
  const held = new Map<string, Promise<unknown>>()
  const requests: string[] = []
  vi.stubGlobal('document', {})
  vi.stubGlobal('navigator', {
    locks: {
      async request(name: string, { signal }: { signal: AbortSignal }, work: () => unknown) {
        requests.push(name)
        const before = held.get(name)
        const isAborted = new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        )
        isAborted.catch(() => {})
        await Promise.race([before, isAborted])
        const result = (async () => work())()
        held.set(
          name,
          result.catch(() => {}),
        )
        return result
      },
    },
  })
  return { requests, held }
}

test('in a page a storage without compareAndSet is written under a lock', async () => {
  const { requests } = stubPage()
  const { storage, items } = createMemory()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  chat.say('one')
  await settled()
  expect(requests).toEqual([key])
  expect(storedIds(items)).toEqual(['one'])
  chat.persistence.close()
})

test('while a lock is waited for, a flush writes a synchronous storage at once', async () => {
  const { held } = stubPage()
  held.set(key, new Promise(() => {}))
  const { storage, items, writes } = createMemory()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  chat.say('typed')
  await settled()
  expect(writes).toEqual([])
  void chat.persistence.flush()
  expect(storedIds(items)).toEqual(['typed'])
  chat.persistence.close()
})

test('a lock that a frozen page never gives back is waited for two seconds', async () => {
  const { held } = stubPage()
  held.set(key, new Promise(() => {}))
  const { storage, items } = createMemory()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  chat.say('typed')
  await vi.advanceTimersByTimeAsync(1_999)
  expect(items.size).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(storedIds(items)).toEqual(['typed'])
  expect(chat.seen.failures).toEqual([])
  chat.persistence.close()
})

test('another page is heard within a moment, and nothing of the content goes over the channel', async () => {
  stubPage()
  const said: unknown[] = []
  const channel = new BroadcastChannel(key)
  channel.addEventListener('message', (event) => {
    // A message of a channel has data.
    said.push((event as MessageEvent).data)
  })
  const { storage } = createMemory()
  const [one, two] = [openChat(storage, 'a'), openChat(storage, 'b')]
  await Promise.all([one.persistence.read(), two.persistence.read()])
  one.say('news')
  await vi.waitFor(async () => {
    await settled()
    expect(two.ids()).toEqual(['news'])
  })
  expect(new Set(said)).toEqual(new Set(['changed']))
  channel.close()
  one.persistence.close()
  two.persistence.close()
})

test('the storage event of localStorage is heard, for the keys of this conversation', async () => {
  stubPage()
  vi.stubGlobal('BroadcastChannel', undefined)
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  const { storage } = createMemory()
  const chat = openChat(storage)
  const getItem = vi.spyOn(storage, 'getItem')
  const happens = (name: string): void =>
    void page.dispatchEvent(Object.assign(new Event('storage'), { key: name }))
  happens('something else')
  happens(partKey('chat:1', 0))
  await settled()
  expect(getItem).not.toHaveBeenCalled()
  happens(partKey('chat', 3))
  await settled()
  expect(getItem).toHaveBeenCalled()
  chat.persistence.close()
  getItem.mockClear()
  happens(key)
  expect(getItem).not.toHaveBeenCalled()
})

test('after close the host is called no more, and what was not written is still written', async () => {
  const { storage, items } = createNumbered()
  const chat = openChat(storage)
  await chat.persistence.read()
  chat.say('last words')
  const flushed = chat.persistence.flush()
  chat.persistence.close()
  const { adopted } = chat.seen
  chat.setKept(emptyKept)
  await flushed
  expect(storedIds(items)).toEqual(['last words'])
  expect(chat.seen.adopted).toBe(adopted)
})

test('files that wait are kept, found again with the turn that waits, and dropped', async () => {
  const kept = new Map<string, Blob>()
  const blobs = {
    get: async (name: string) => kept.get(name),
    set: async (name: string, blob: Blob) => kept.set(name, blob),
    remove: async (name: string) => kept.delete(name),
  }
  const { storage } = createMemory()
  const chat = openChat({ ...storage, blobs })
  await chat.persistence.read()
  const file = new Blob(['1234'])
  chat.say(
    'waits',
    { rank: rank.line, parentId: null },
    {
      parts: [
        { type: 'image', url: '' },
        { type: 'image', url: 'https://x/y.png' },
        { type: 'image', url: 'data:text/plain;base64,aGk=' },
      ],
    },
  )
  chat.persistence.keepBlobs('waits', [file, 'https://x/y.png', 'data:text/plain;base64,aGk='])
  await settled()
  expect([...kept.keys()]).toEqual([
    'fal-llm:chat:chat:blob:waits:0',
    'fal-llm:chat:chat:blob:waits:2',
  ])
  const again = openChat({ ...storage, blobs }, 'b')
  await again.persistence.read()
  const [first, second, third] = again.files.get('waits') ?? []
  expect([await first?.text(), second, await third?.text(), third?.type]).toEqual([
    '1234',
    undefined,
    'hi',
    'text/plain',
  ])
  again.persistence.dropBlobs('waits')
  await settled()
  expect(kept.size).toBe(0)
})

test('files that cannot be had hold nobody up: their turn is there without them', async () => {
  const blobs = {
    get: () => new Promise<undefined>(() => {}),
    set: async () => {},
    remove: async () => {},
  }
  const { storage } = createMemory()
  const chat = openChat(storage, 'b')
  await chat.persistence.read()
  chat.say('waits', { rank: rank.line, parentId: null }, { parts: [{ type: 'image', url: '' }] })
  await settled()
  const again = openChat({ ...storage, blobs })
  void again.persistence.read()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(again.seen.opened).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(again.ids()).toEqual(['waits'])
})

const long = 'x'.repeat(100_000)
const fill = async (chat: ReturnType<typeof openChat>, count: number): Promise<void> => {
  for (let at = 0; at < count; at++) {
    chat.say(`m${at}`, {}, { parts: [{ type: 'text', text: long }] })
    await chat.persistence.flush()
  }
}

test.each([
  ['at once', createMemory],
  ['with numbers, later', createNumbered],
])(
  'a long conversation is written in parts, read and cleared: a storage that answers %s',
  async (_name, create) => {
    const { storage, items, writes } = create()
    const chat = openChat({ ...storage, keys: () => [] })
    await chat.persistence.read()
    await fill(chat, 9)
    expect([...items.keys()].filter((name) => name.startsWith('fal-llm:part:chat:'))).toHaveLength(
      4,
    )
    for (const text of items.values()) expect(text.length).toBeLessThanOrEqual(256 * 1024)
    writes.length = 0
    chat.write('m8', {}, { status: 'stopped' })
    await chat.persistence.flush()
    expect(writes).toEqual([partKey('chat', 4)])
    const again = openChat({ ...storage, keys: () => [] }, 'b')
    await again.persistence.read()
    expect(again.kept()).toEqual(chat.kept())
    again.clear()
    await again.persistence.flush()
    expect([...items.keys()]).toEqual([key])
    await chat.persistence.read()
    expect(chat.ids()).toEqual([])
  },
)

test('a clear that was cut off before it removed the later parts holds, for a chat that did not hear of it too', async () => {
  const { storage, items } = createNumbered()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  await fill(chat, 4)
  expect(items.get(key)).toContain('"parts":2')
  const removeItem = (): never => {
    throw new Error('the page is gone')
  }
  const dying = openChat({ ...storage, keys: () => [], removeItem }, 'b')
  await dying.persistence.read()
  dying.clear()
  await dying.persistence.flush()
  expect(items.has(partKey('chat', 1))).toBe(true)
  chat.say('unwritten')
  await chat.persistence.flush()
  expect(chat.ids()).toEqual(['unwritten'])
  const again = openChat(storage, 'c')
  await again.persistence.read()
  expect(again.ids()).toEqual(['unwritten'])
})

test('several new parts that were not counted yet are all found', async () => {
  const { storage, items } = createMemory()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  for (let at = 0; at < 9; at++) chat.write(`m${at}`, {}, { parts: [{ type: 'text', text: long }] })
  await chat.persistence.flush()
  expect(items.get(key)).toContain('"parts":5')
  items.set(key, (items.get(key) ?? '').replace('"parts":5', '"parts":1'))
  const again = openChat(storage, 'b')
  await again.persistence.read()
  expect(again.ids()).toHaveLength(9)
})

test('a crash between writing a new part and counting it loses nothing', async () => {
  const { storage, items } = createMemory()
  const chat = openChat({ ...storage, keys: () => [] })
  await chat.persistence.read()
  await fill(chat, 2)
  const setItem = vi.spyOn(storage, 'setItem').mockImplementation((name, value) => {
    if (name === key) throw new Error('the page is gone')
    return items.set(name, value)
  })
  const dying = openChat(
    { ...storage, setItem: (name, value) => setItem.getMockImplementation()?.(name, value) },
    'c',
  )
  await dying.persistence.read()
  dying.say('m2', {}, { parts: [{ type: 'text', text: long }] })
  await dying.persistence.flush()
  setItem.mockRestore()
  const again = openChat(storage, 'b')
  await again.persistence.read()
  expect(again.ids()).toEqual(['m0', 'm1', 'm2'])
})

test('conversations whose ids look like parts stay apart', async () => {
  const { storage } = createMemory()
  const [one, two] = [openChat(storage, 'a', 'user'), openChat(storage, 'b', 'user:1')]
  await two.persistence.read()
  two.say('two')
  await settled()
  await one.persistence.read()
  await fill(one, 4)
  expect(one.ids()).toEqual(['m0', 'm1', 'm2', 'm3'])
  const again = openChat(storage, 'c', 'user:1')
  await again.persistence.read()
  expect(again.ids()).toEqual(['two'])
})

test.each([
  ['with keys, foreign ones too, later', true],
  ['without keys', false],
])('listChats %s: newest first, by title or first words', async (_name, hasKeys) => {
  const { storage, items } = createMemory()
  const listed: ChatStorage = hasKeys
    ? { ...storage, keys: async () => [...items.keys(), 'theirs', 5] }
    : storage
  const open = async (id: string, text: string, createdAt: number) => {
    const chat = openChat(listed, 'a', id)
    await chat.persistence.read()
    chat.say('u', {}, { parts: [{ type: 'text', text }], createdAt })
    await settled()
    return chat
  }
  await open('old', 'What is the tallest mountain that one can climb without any oxygen at all?', 1)
  const named = await open('named', 'Hi', 5)
  named.setKept({ ...named.kept(), title: { at: 9, by: 'a', text: 'My chat' } })
  await named.persistence.flush()
  const gone = await open('gone', 'Forget me', 7)
  gone.clear()
  await gone.persistence.flush()
  await openChat(listed, 'a', 'empty').persistence.read()
  items.set('fal-llm:chat:broken', 'no JSON')
  expect(await listChats(listed)).toEqual([
    { id: 'named', title: 'My chat', createdAt: 5, updatedAt: 5, messageCount: 1 },
    {
      id: 'old',
      title: 'What is the tallest mountain that one can climb without any',
      createdAt: 1,
      updatedAt: 1,
      messageCount: 1,
    },
  ])
})

test('the list is written when it has changed, not with each write', async () => {
  const { storage, writes } = createMemory()
  const chat = openChat(storage)
  await chat.persistence.read()
  chat.say('u')
  await settled()
  for (let count = 0; count < 5; count++) {
    chat.write('u', {}, { status: count % 2 ? 'done' : 'stopped' })
    await chat.persistence.flush()
  }
  expect(writes.filter((name) => name === 'fal-llm:chats')).toHaveLength(1)
})

test('listChats says when the storage fails', async () => {
  const { storage } = createMemory()
  const keys = (): never => {
    throw new Error('locked')
  }
  await expect(listChats({ ...storage, keys })).rejects.toMatchObject({ code: 'storage' })
})

test.each([
  ['at once, without keys', createMemory, false],
  ['at once, with keys', createMemory, true],
  ['with numbers, later', createNumbered, true],
])(
  'deleteChat: an open chat does not write it back; a storage that answers %s',
  async (_name, create, hasKeys) => {
    const memory = create()
    const removed: string[] = []
    const storage: ChatStorage = {
      ...memory.storage,
      ...(hasKeys && { keys: () => [...memory.items.keys()] }),
      blobs: {
        get: async () => undefined,
        set: async () => {},
        remove: async (name) => void removed.push(name),
      },
    }
    memory.items.set(`${key}:unreadable:5`, 'aside')
    const chat = openChat(storage)
    await chat.persistence.read()
    await fill(chat, 4)
    chat.say('waits', { rank: rank.line, parentId: null }, { parts: [{ type: 'image', url: '' }] })
    await chat.persistence.flush()
    expect(await listChats(storage)).toHaveLength(1)
    await deleteChat(storage, 'chat')
    expect(await listChats(storage)).toEqual([])
    expect(removed).toEqual(['fal-llm:chat:chat:blob:waits:0'])
    expect([...memory.items.keys()].filter((name) => name.startsWith('fal-llm:part'))).toEqual([])
    if (hasKeys) expect([...memory.items.keys()]).toEqual([key])
    expect(memory.items.get(key)).not.toContain('m0')
    chat.say('said after it', { parentId: 'm3' })
    await vi.advanceTimersByTimeAsync(300)
    expect(chat.ids()).toEqual(['said after it'])
    expect(storedIds(memory.items)).toEqual(['said after it'])
    expect(await listChats(storage)).toHaveLength(1)
  },
)

test('deleteChat works on what version 1 has stored, and leaves nothing where nothing was', async () => {
  const { storage, items } = createMemory()
  items.set(key, JSON.stringify({ version: 1, messages: [{ id: 'u', role: 'user', parts: [] }] }))
  await deleteChat(storage, 'chat')
  expect(storedIds(items)).toEqual([])
  expect(items.get(key)).toContain('"generation":1')
  await deleteChat(storage, 'never')
  expect([...items.keys()]).toEqual([key])
})
