// Two chats on one storage, driven at random, with crashes between any two calls of the storage. After all rest, every
// turn, every ended answer, every job and everything in the line that was stored, or whose chat lives, is there.

import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { emptyKept, rank } from '../kept.ts'
import type { Body, Entry, Kept } from '../kept.ts'
import type { ChatStorage } from './chat-storage.ts'
import { createPersistence } from './persistence.ts'
import type { Persistence } from './persistence.ts'
import { shownPath } from './rebase.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

type Kind = 'plain' | 'later' | 'numbered'

/** A storage whose calls fail, hang, tear or are late as it is told. */
function createStorage(kind: Kind) {
  const items = new Map<string, string>()
  const numbers = new Map<string, number>()
  let faults: ('throw' | 'hang' | 'land-and-throw')[] = []
  let isPlain = false
  const call = <T>(work: () => T): T | Promise<T> => {
    const fault = isPlain ? undefined : faults.shift()
    if (fault === 'throw') throw new Error('no')
    if (fault === 'hang') return new Promise<T>(() => {})
    if (fault === 'land-and-throw') {
      work()
      throw new Error('it landed, and nobody knows')
    }
    return kind === 'plain' ? work() : Promise.resolve().then(work)
  }
  /** What one opened chat sees of it; nothing any more once its process has ended. */
  const connect = (): { storage: ChatStorage; kill: () => void } => {
    let isDead = false
    const alive = <T>(work: () => T): T | Promise<T> =>
      isDead ? new Promise<T>(() => {}) : call(() => (isDead ? undefined : work()) as T)
    return {
      kill: () => void (isDead = true),
      storage: {
        keys: () => [],
        getItem: (name) => alive(() => items.get(name) ?? null),
        setItem: (name, value) =>
          alive(() => {
            items.set(name, value)
            numbers.delete(name)
          }),
        removeItem: (name) => alive(() => items.delete(name) && numbers.delete(name)),
        ...(kind === 'numbered' && {
          compareAndSet: async (name: string, expected: number, value: string) =>
            alive(() => {
              if ((numbers.get(name) ?? 0) !== expected) return false
              items.set(name, value)
              numbers.set(name, expected + 1)
              return true
            }),
        }),
      },
    }
  }
  return {
    items,
    connect,
    setFaults: (next: typeof faults) => void (faults = next),
    heal: () => void (isPlain = true),
  }
}

let names = 0

function openChat(storage: ReturnType<typeof createStorage>) {
  const by = `chat${names++}`
  const { storage: own, kill } = storage.connect()
  let kept: Kept = emptyKept
  const persistence: Persistence = createPersistence({
    storage: own,
    chatId: 'chat',
    by,
    generation: 0,
    seeds: new Set(),
    kept: () => kept,
    adopt: (next) => void (kept = next),
    opened() {},
    failing() {},
  })
  void persistence.read()
  const write = (
    id: string,
    patch: { place?: Partial<Entry['place']>; body?: Partial<Body> },
  ): void => {
    let at = 1
    for (const one of kept.messages.values()) at = Math.max(at, one.place.at + 1, one.body.at + 1)
    const before = kept.messages.get(id)
    const entry: Entry = {
      place: {
        rank: rank.tree,
        parentId: null,
        born: at,
        at,
        by,
        ...before?.place,
        ...(patch.place && { ...patch.place, at, by }),
      },
      body: {
        attempt: 0,
        ended: true,
        role: 'user',
        parts: [{ type: 'text', text: `${id} ${'x'.repeat(40_000)}` }],
        status: 'done',
        createdAt: 1,
        at,
        by,
        ...before?.body,
        ...(patch.body && { ...patch.body, at, by }),
      },
    }
    kept = { ...kept, messages: new Map(kept.messages).set(id, entry) }
    persistence.touch()
  }
  return { by, persistence, kill, write, kept: () => kept }
}

type Step =
  | {
      do: 'say' | 'queue' | 'ask' | 'end' | 'send' | 'flush' | 'read' | 'crash' | 'reload'
      who: number
      at: number
    }
  | { do: 'pass'; ms: number }
  | { do: 'fault'; faults: ('throw' | 'hang' | 'land-and-throw')[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('say', 'queue', 'ask', 'end', 'send', 'flush', 'read', 'crash', 'reload'),
      who: fc.nat(1),
      at: fc.nat(9),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 0, 100, 300, 2_500),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      faults: fc.array(
        fc.constantFrom('throw' as const, 'hang' as const, 'land-and-throw' as const),
        { maxLength: 3 },
      ),
    }),
  },
)

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

/** What a chat holds that no merge may lose. */
function promisesOf(kept: Kept): ReadonlyMap<string, (now: Entry) => boolean> {
  return new Map(
    [...kept.messages].map(([id, before]) => [
      id,
      (now: Entry) =>
        now.place.rank >= before.place.rank &&
        now.body.attempt >= before.body.attempt &&
        (now.body.ended || !before.body.ended || now.body.attempt > before.body.attempt) &&
        (!before.body.job ||
          now.body.ended ||
          now.body.job?.requestId === before.body.job.requestId),
    ]),
  )
}

async function play(kind: Kind, steps: readonly Step[]): Promise<void> {
  const storage = createStorage(kind)
  const chats = [openChat(storage), openChat(storage)]
  const promises: [string, (now: Entry) => boolean][] = []
  for (const next of steps) {
    if (next.do === 'pass') await pass(next.ms)
    else if (next.do === 'fault') storage.setFaults([...next.faults])
    else {
      const chat = chats[next.who]
      if (!chat) continue
      const { kept, write, persistence } = chat
      const entries = [...kept().messages]
      const [id, entry] = entries[next.at % Math.max(1, entries.length)] ?? []
      const leaf = shownPath(kept()).at(-1) ?? null
      if (next.do === 'say') write(`m${names++}`, { place: { parentId: leaf } })
      if (next.do === 'queue') write(`m${names++}`, { place: { rank: rank.line } })
      if (next.do === 'ask') {
        write(`m${names++}`, {
          place: { parentId: leaf },
          body: {
            role: 'assistant',
            attempt: 1,
            ended: false,
            status: 'streaming',
            job: { requestId: `job${names}`, endpoint: 'e' },
          },
        })
      }
      if (next.do === 'end' && id !== undefined && entry && !entry.body.ended)
        write(id, { body: { ended: true, status: 'done' } })
      if (next.do === 'send' && id !== undefined && entry?.place.rank === rank.line) {
        write(id, { place: { rank: rank.tree, parentId: leaf } })
      }
      if (next.do === 'flush') void persistence.flush()
      if (next.do === 'read') void persistence.read()
      if (next.do === 'crash' || next.do === 'reload') {
        // What was flushed, and said to be, is a promise; the rest dies with its process.
        if (next.do === 'reload') {
          storage.setFaults([])
          await pass(3_000)
          await persistence.read()
          await pass(3_000)
          await persistence.flush()
          promises.push(...promisesOf(kept()))
        }
        chat.kill()
        chats[next.who] = openChat(storage)
      }
    }
  }
  storage.heal()
  for (let round = 0; round < 3; round++) {
    for (const { persistence } of chats) {
      void persistence.read()
      await pass(3_000)
      void persistence.flush()
      await pass(3_000)
    }
  }
  for (const { kept } of chats) promises.push(...promisesOf(kept()))
  const reader = openChat(storage)
  await pass(3_000)
  const stored = reader.kept()
  for (const [id, holds] of promises) {
    const now = stored.messages.get(id)
    if (!now || !holds(now)) throw new Error(`${id} is lost: ${JSON.stringify(now?.place)}`)
  }
  for (const { kept } of chats) expect(kept().messages).toEqual(stored.messages)
  for (const text of storage.items.values()) expect(text.length).toBeLessThanOrEqual(256 * 1024)
}

test.each<Kind>(['plain', 'later', 'numbered'])(
  'rule 25: two chats and their crashes lose nothing, on a storage that is %s',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) => play(kind, steps)),
      process.env['FUZZ'] ? { numRuns: 10_000 } : { numRuns: 150, seed: 20_261_121 },
    )
  },
  process.env['FUZZ'] ? 3_600_000 : 60_000,
)
