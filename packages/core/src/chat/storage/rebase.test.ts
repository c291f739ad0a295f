import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyKept, rank } from '../kept.ts'
import type { Entry, Kept } from '../kept.ts'
import { mergeKept } from './merge.ts'
import { rebase, shownPath } from './rebase.ts'

let count = 0

/** A conversation as one tab changes it; each step has the next stamp. */
function say(
  kept: Kept,
  by: string,
  id: string,
  parentId: string | null,
  where: Entry['place']['rank'] = rank.tree,
): Kept {
  const at = 1 + topOf(kept)
  const one: Entry = {
    place: { at, by, rank: where, parentId, born: at },
    body: {
      at,
      by,
      attempt: 0,
      ended: true,
      role: 'user',
      parts: [{ type: 'text', text: id }],
      status: 'done',
      createdAt: count++,
    },
  }
  return { ...kept, messages: new Map(kept.messages).set(id, one) }
}
function choose(kept: Kept, by: string, id: string): Kept {
  const fork = kept.messages.get(id)?.place.parentId ?? ''
  return { ...kept, shown: new Map(kept.shown).set(fork, { id, by, at: 1 + topOf(kept) }) }
}
function topOf(kept: Kept): number {
  let top = 0
  for (const { place, body } of kept.messages.values()) top = Math.max(top, place.at, body.at)
  for (const { at } of kept.shown.values()) top = Math.max(top, at)
  return top
}
const unread = (generation = 0): Kept => ({ ...emptyKept, generation })
const cleared = (kept: Kept): Kept => ({ ...emptyKept, generation: kept.generation + 1 })
const stored = choose(
  say(say(say(emptyKept, 'b', 'u1', null), 'b', 'a1', 'u1'), 'b', 'a2', 'u1'),
  'b',
  'a1',
)

test('nothing stored changes nothing', () => {
  const mine = say(emptyKept, 'a', 'u', null)
  expect(rebase(mine, unread(), emptyKept)).toBe(mine)
})

test('what was said before the read hangs under the leaf that was read', () => {
  const mine = say(say(emptyKept, 'a', 'u', null), 'a', 'r', 'u')
  const result = rebase(mine, unread(), stored)
  expect(shownPath(result)).toEqual(['u1', 'a1', 'u', 'r'])
  const lowest = result.messages.get('u')?.place
  expect(lowest?.at).toBeGreaterThan(topOf(stored))
  expect(lowest?.born).toBeGreaterThan(stored.messages.get('a2')?.place.born ?? Infinity)
  expect(result.messages.get('r')?.place.at).toBeGreaterThan(lowest?.at ?? Infinity)
})

test('what waits stays in the line, and under nothing', () => {
  const mine = say(emptyKept, 'a', 'u', null, rank.line)
  expect(rebase(mine, unread(), stored).messages.get('u')?.place).toMatchObject({
    rank: rank.line,
    parentId: null,
  })
})

test('a fork of what was said before the read shows what it showed', () => {
  const said = say(say(say(emptyKept, 'a', 'u', null), 'a', 'r1', 'u'), 'a', 'r2', 'u')
  expect(shownPath(rebase(choose(said, 'a', 'r1'), unread(), stored))).toEqual([
    'u1',
    'a1',
    'u',
    'r1',
  ])
})

test('two first ones: the one that is shown stays shown', () => {
  const said = say(say(emptyKept, 'a', 'first', null), 'a', 'second', null)
  expect(shownPath(rebase(choose(said, 'a', 'first'), unread(), stored))).toEqual([
    'u1',
    'a1',
    'first',
  ])
})

test('a turn that follows a stored message follows it still, and is shown', () => {
  // The same storage was here before: a2 is known, and what followed it was not written.
  const mine = say(choose(stored, 'a', 'a2'), 'a', 'u2', 'a2')
  expect(shownPath(rebase(mine, unread(), stored))).toEqual(['u1', 'a2', 'u2'])
})

test('a clear made before the read stays one', () => {
  const mine = say(cleared(emptyKept), 'a', 'u', null)
  const result = rebase(mine, unread(0), { ...stored, generation: 4 })
  expect(result.generation).toBe(5)
  expect([...result.messages.keys()]).toEqual(['u'])
})

test('a rename made before the read stays one', () => {
  const mine: Kept = { ...emptyKept, title: { at: 1, by: 'a', text: 'mine' } }
  const result = rebase(mine, unread(), { ...stored, title: { at: 7, by: 'b', text: 'theirs' } })
  expect(result.title).toMatchObject({ text: 'mine', at: 8 })
})

test('at the opening the stored choice counts; later the tab goes on showing its own', () => {
  const opened = rebase(emptyKept, unread(), stored)
  expect(shownPath(opened)).toEqual(['u1', 'a1'])
  const elsewhere = choose(stored, 'b', 'a2')
  expect(shownPath(rebase(opened, opened, elsewhere))).toEqual(['u1', 'a1'])
  expect(rebase(opened, opened, elsewhere)).toBe(opened)
})

test('a clear in another tab leaves what was never written here', () => {
  const mine = say(say(stored, 'a', 'waits', null, rank.line), 'a', 'u2', 'a1')
  const result = rebase(mine, stored, say(cleared(stored), 'b', 'new', null))
  expect([...result.messages.keys()]).toEqual(['new', 'waits', 'u2'])
  expect(shownPath(result)).toEqual(['new', 'u2'])
  expect(result.generation).toBe(1)
})

test('a copy from before a clear changes nothing', () => {
  const mine = say(cleared(stored), 'a', 'u', null)
  expect(rebase(mine, stored, stored)).toBe(mine)
})

test('removed messages, unknown parents and cycles do not hold it up', () => {
  const odd: Kept = {
    ...emptyKept,
    messages: new Map([
      ...say(say(emptyKept, 'b', 'x', 'y'), 'b', 'y', 'x').messages,
      ...say(emptyKept, 'b', 'gone', null, rank.removed).messages,
      ...say(emptyKept, 'b', 'below', 'gone').messages,
    ]),
  }
  const result = rebase(say(emptyKept, 'a', 'u', null), unread(), odd)
  expect(shownPath(result)).toEqual(['below', 'u'])
})

type Command =
  | { do: 'say' | 'wait' | 'remove' | 'switch' | 'send'; tab: number; at: number }
  | { do: 'clear' | 'sync' | 'reload'; tab: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'say' as const,
        'wait' as const,
        'remove' as const,
        'switch' as const,
        'send' as const,
      ),
      tab: fc.nat(2),
      at: fc.nat(5),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('sync' as const, 'sync' as const, 'reload' as const),
      tab: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), tab: fc.nat(2) }) },
)

/** Tabs on one storage that is read and written in one go. */
function play(commands: readonly Command[]) {
  let storage: Kept = emptyKept
  let names = 0
  const open = () => ({ by: `tab${names++}`, kept: emptyKept, saved: unread() })
  const tabs = [open(), open(), open()]
  /** Said, and not cleared by a tab that knew of it. */
  const alive = new Set<string>()
  const sync = (tab: (typeof tabs)[number]): void => {
    tab.kept = rebase(tab.kept, tab.saved, storage)
    storage = mergeKept(tab.kept, storage)
    tab.saved = tab.kept
  }
  for (const next of commands) {
    const tab = tabs[next.tab]
    if (!tab) continue
    const ids = [...tab.kept.messages.keys()]
    const pick = 'at' in next ? ids[next.at % Math.max(1, ids.length)] : undefined
    const entry = pick === undefined ? undefined : tab.kept.messages.get(pick)
    if (next.do === 'say' || next.do === 'wait') {
      const id = `m${names++}`
      const isWaiting = next.do === 'wait'
      tab.kept = say(
        tab.kept,
        tab.by,
        id,
        isWaiting ? null : (pick ?? null),
        isWaiting ? rank.line : rank.tree,
      )
      alive.add(id)
    } else if (next.do === 'sync') {
      sync(tab)
    } else if (next.do === 'reload') {
      sync(tab)
      Object.assign(tab, open())
    } else if (next.do === 'clear') {
      for (const id of ids) alive.delete(id)
      tab.kept = cleared(tab.kept)
      // What others have stored and this tab has not read is cleared with it, once it is written.
      const before = new Set(storage.messages.keys())
      sync(tab)
      for (const id of before) if (!tab.kept.messages.has(id)) alive.delete(id)
    } else if (pick !== undefined && entry && next.do === 'switch') {
      tab.kept = choose(tab.kept, tab.by, pick)
    } else if (pick !== undefined && entry) {
      const to = next.do === 'remove' ? rank.removed : rank.tree
      if (to <= entry.place.rank) continue
      const at = 1 + topOf(tab.kept)
      const place = { ...entry.place, at, by: tab.by, rank: to }
      tab.kept = {
        ...tab.kept,
        messages: new Map(tab.kept.messages).set(pick, { ...entry, place }),
      }
    }
  }
  return { tabs, alive, sync, storage: () => storage }
}

test('rule 25: three tabs lose nothing that was said, and agree when all rest', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
      const { tabs, alive, sync, storage } = play(commands)
      for (let round = 0; round < 3; round++) tabs.forEach(sync)
      for (const id of alive) expect([...storage().messages.keys()]).toContain(id)
      for (const tab of tabs) {
        expect(tab.kept.messages).toEqual(storage().messages)
        expect(tab.kept.generation).toBe(storage().generation)
      }
      // What rests changes no more.
      const before = tabs.map((tab) => tab.kept)
      tabs.forEach(sync)
      tabs.forEach((tab, index) => expect(tab.kept).toBe(before[index]))
    }),
    { numRuns: process.env['FUZZ'] ? 100_000 : 10_000 },
  )
}, 60_000)

test('an id is in one place only: the stamps of two tabs never undo a step', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
      const { tabs, sync, storage } = play(commands.filter((one) => one.do !== 'clear'))
      const ranks = new Map<string, number>()
      for (const { kept } of tabs) {
        for (const [id, { place }] of kept.messages)
          ranks.set(id, Math.max(ranks.get(id) ?? 0, place.rank))
      }
      for (let round = 0; round < 2; round++) tabs.forEach(sync)
      for (const [id, highest] of ranks) {
        expect(storage().messages.get(id)?.place.rank).toBeGreaterThanOrEqual(highest)
      }
    }),
    { numRuns: 3_000 },
  )
}, 60_000)
