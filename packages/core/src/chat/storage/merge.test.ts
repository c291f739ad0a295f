import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyKept, rank } from '../kept.ts'
import type { Body, Entry, Kept, Place, Stamp } from '../kept.ts'
import { compareBodies, comparePlaces, compareStamps, mergeKept } from './merge.ts'

const runs = { numRuns: process.env['FUZZ'] ? 200_000 : 10_000 }

// A stamp says which write it was, so what a register says depends on nothing but its stamp.
const stamp = fc.record({ at: fc.nat(6), by: fc.constantFrom('a', 'b', 'c') })
const place: fc.Arbitrary<Place> = fc
  .tuple(stamp, fc.constantFrom(...Object.values(rank)))
  .map(([{ at, by }, where]) => ({ at, by, rank: where, parentId: `${at}${by}`, born: at }))
const body: fc.Arbitrary<Body> = fc
  .tuple(stamp, fc.nat(2), fc.boolean())
  .map(([{ at, by }, attempt, ended]) => ({
    at,
    by,
    attempt,
    ended,
    role: 'assistant',
    parts: [{ type: 'text', text: `${at}${by}` }],
    status: ended ? 'done' : 'streaming',
    createdAt: at,
  }))
const entry: fc.Arbitrary<Entry> = fc
  .tuple(place, body, fc.option(stamp, { nil: undefined }))
  .map(([at, says, metadata]) => ({
    place: at,
    body: says,
    ...(metadata && { metadata: { ...metadata, value: `${metadata.at}${metadata.by}` } }),
  }))
const id = fc.constantFrom('m1', 'm2', 'm3', '__proto__')
const kept: fc.Arbitrary<Kept> = fc
  .record({
    generation: fc.constantFrom(0, 0, 0, 1),
    messages: fc.dictionary(id, entry).map((record) => new Map(Object.entries(record))),
    shown: fc
      .dictionary(fc.constantFrom('', 'm1', 'm2'), stamp)
      .map(
        (record) =>
          new Map(
            Object.entries(record).map(([fork, at]) => [fork, { ...at, id: `${at.at}${at.by}` }]),
          ),
      ),
    title: fc.option(stamp, { nil: undefined }),
  })
  .map(({ title, ...rest }) => ({
    ...rest,
    ...(title && { title: { ...title, text: `${title.at}${title.by}` } }),
  }))

/** Two copies say the same, whatever the order in which they were filled. */
function expectSame(left: Kept, right: Kept): void {
  // `toEqual` at each of so many steps would take most of the time.
  if (written(left) !== written(right)) expect(left).toEqual(right)
}
const written = ({ generation, title, messages, shown }: Kept): string =>
  JSON.stringify([generation, title, [...messages].sort(byKey), [...shown].sort(byKey)])
const byKey = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1

test('merging is associative, commutative and idempotent', () => {
  fc.assert(
    fc.property(kept, kept, kept, (a, b, c) => {
      expectSame(mergeKept(a, mergeKept(b, c)), mergeKept(mergeKept(a, b), c))
      expectSame(mergeKept(a, b), mergeKept(b, a))
      expectSame(mergeKept(a, b, c), mergeKept(mergeKept(a, b), c))
      expect(mergeKept(a, a)).toBe(a)
    }),
    runs,
  )
})

test('rule 25: no step is undone by an older copy', () => {
  fc.assert(
    fc.property(kept, kept, (a, b) => {
      const merged = mergeKept(a, b)
      for (const copy of [a, b]) {
        if (merged.generation < copy.generation) throw new Error('a clear is undone')
        if (copy.generation < merged.generation) continue
        for (const [messageId, { place: at, body: says, metadata }] of copy.messages) {
          const now = merged.messages.get(messageId)
          if (!now || comparePlaces(now.place, at) < 0) throw new Error('a place is undone')
          if (compareBodies(now.body, says) < 0) throw new Error('a body is undone')
          if (metadata && isOlder(now.metadata, metadata)) throw new Error('metadata is undone')
        }
        for (const [fork, choice] of copy.shown) {
          if (isOlder(merged.shown.get(fork), choice)) throw new Error('a choice is undone')
        }
        if (copy.title && isOlder(merged.title, copy.title)) throw new Error('a title is undone')
      }
    }),
    runs,
  )
})
const isOlder = (now: Stamp | undefined, before: Stamp): boolean =>
  !now || compareStamps(now, before) < 0

test('what changed nothing keeps its identity, down to each message', () => {
  fc.assert(
    fc.property(kept, kept, (a, b) => {
      const merged = mergeKept(a, b)
      // Merged once, a copy has nothing new to say.
      if (mergeKept(merged, a) !== merged || mergeKept(merged, b) !== merged) {
        throw new Error('a copy that says nothing new changed something')
      }
      if (a.generation !== b.generation) return
      for (const [messageId, before] of a.messages) {
        const now = merged.messages.get(messageId)
        const isSame =
          now?.place === before.place &&
          now.body === before.body &&
          now.metadata === before.metadata
        if (isSame && now !== before) throw new Error('an entry was copied for nothing')
      }
    }),
    runs,
  )
})

function message(at: number, by: string, where: Place['rank'], ended = true, attempt = 0): Entry {
  return {
    place: { at, by, rank: where, parentId: null, born: 1 },
    body: { at, by, attempt, ended, role: 'user', parts: [], status: 'done', createdAt: 1 },
  }
}
const holding = (one: Entry, generation = 0): Kept => ({
  ...emptyKept,
  generation,
  messages: new Map([['m', one]]),
})

test.each([
  ['sent wins over taken back', message(1, 'a', rank.tree), message(9, 'b', rank.takenBack)],
  ['removed wins over sent', message(1, 'a', rank.removed), message(9, 'b', rank.tree)],
  ['taken back wins over waiting', message(1, 'a', rank.takenBack), message(9, 'b', rank.line)],
])('%s, however late the other one was', (_name, wins, loses) => {
  expect(mergeKept(holding(loses), holding(wins)).messages.get('m')?.place).toBe(wins.place)
  expect(mergeKept(holding(wins), holding(loses)).messages.get('m')?.place).toBe(wins.place)
})

test.each([
  ['an ending wins over words still being written', message(1, 'a', 2), message(9, 'b', 2, false)],
  [
    'a later attempt wins over an ending',
    message(1, 'a', 2, false, 2),
    message(9, 'b', 2, true, 1),
  ],
])('%s', (_name, wins, loses) => {
  expect(mergeKept(holding(loses), holding(wins)).messages.get('m')?.body).toBe(wins.body)
})

test('the greater generation wins whole', () => {
  const cleared: Kept = { ...emptyKept, generation: 1 }
  expect(mergeKept(holding(message(9, 'a', rank.tree)), cleared)).toBe(cleared)
  expect(mergeKept(cleared, holding(message(9, 'a', rank.tree)))).toBe(cleared)
})
