import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyKept, rank } from '../kept.ts'
import type { Entry, Kept, Place } from '../kept.ts'
import { draftOf, show, valueOf, write, nextStamp, replaceKept } from './draft.ts'
import { deriveTree, leafId, pathTo, siblingOf, visiblePath } from './message-tree.ts'
import type { MessageTree } from './message-tree.ts'
import { openConversation } from './step.ts'

const stamp = { at: 1, by: 'test' }
const body: Entry['body'] = {
  ...stamp,
  attempt: 0,
  ended: true,
  role: 'user',
  parts: [],
  status: 'done',
  createdAt: 0,
}
const entry = (parentId: string | null, born: number, where: Place['rank'] = rank.tree): Entry => ({
  place: { rank: where, parentId, born, ...stamp },
  body,
})
const kept = (messages: Record<string, Entry>, shown: Record<string, string> = {}): Kept => ({
  ...emptyKept,
  messages: new Map(Object.entries(messages)),
  shown: new Map(Object.entries(shown).map(([fork, id]) => [fork, { id, ...stamp }])),
})
const shownIds = (tree: MessageTree): string[] => visiblePath(tree).map(({ id }) => id)

test('siblings stand in the order of their birth, and a fork without a wish shows its newest', () => {
  const tree = deriveTree(kept({ q: entry(null, 1), b: entry('q', 3), a: entry('q', 2) }))
  expect(tree.children.get('q')).toEqual(['a', 'b'])
  expect(shownIds(tree)).toEqual(['q', 'b'])
  expect(tree.nodes.get('b')?.branch).toEqual({ index: 1, count: 2 })
})

test('a wish is shown; one for a message that is elsewhere, or gone, is none', () => {
  const messages = { q: entry(null, 1), a: entry('q', 2), b: entry('q', 3), c: entry('a', 4) }
  expect(shownIds(deriveTree(kept(messages, { q: 'a' })))).toEqual(['q', 'a', 'c'])
  expect(shownIds(deriveTree(kept(messages, { q: 'c' })))).toEqual(['q', 'b'])
  expect(shownIds(deriveTree(kept(messages, { q: 'gone' })))).toEqual(['q', 'b'])
  expect(shownIds(deriveTree(kept(messages, { q: 'b' }), new Map([['q', 'a']])))).toContain('a')
})

test('a removed or unknown parent is skipped to the next one above', () => {
  const tree = deriveTree(
    kept({
      q: entry(null, 1),
      gone: entry('q', 2, rank.removed),
      below: entry('gone', 3),
      lost: entry('nowhere', 4),
    }),
  )
  expect(tree.nodes.get('below')?.parentId).toBe('q')
  expect(tree.nodes.get('lost')?.parentId).toBeNull()
  expect(tree.nodes.has('gone')).toBe(false)
})

test('what waits or was taken back is not in the tree', () => {
  const messages = {
    q: entry(null, 1),
    w: entry(null, 2, rank.line),
    t: entry(null, 3, rank.takenBack),
  }
  expect([...deriveTree(kept(messages)).nodes.keys()]).toEqual(['q'])
})

test('a cycle is cut at its oldest, whatever the order it is read in', () => {
  const messages = { c: entry('b', 3), a: entry('c', 1), b: entry('a', 2), d: entry('c', 4) }
  const cut = deriveTree(kept(messages))
  expect(cut.nodes.get('a')?.parentId).toBeNull()
  expect(shownIds(cut)).toEqual(['a', 'b', 'c', 'd'])
  const reversed = Object.fromEntries(Object.entries(messages).reverse())
  expect(shownIds(deriveTree(kept(reversed)))).toEqual(['a', 'b', 'c', 'd'])
})

test('any registers at all make a tree: every placed message is in it once, and every path ends', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const anyEntry = fc
    .record({
      parentId: fc.constantFrom(null, 'unknown', ...ids),
      born: fc.nat(5),
      where: fc.constantFrom(rank.line, rank.takenBack, rank.tree, rank.tree, rank.removed),
    })
    .map(({ parentId, born, where }) => entry(parentId, born, where))
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...ids), anyEntry),
      fc.dictionary(fc.constantFrom('', ...ids), fc.constantFrom(...ids)),
      (messages, wishes) => {
        const copy = kept(messages, wishes)
        const tree = deriveTree(copy)
        const placed = Object.keys(messages).filter((id) => messages[id]?.place.rank === rank.tree)
        expect([...tree.nodes.keys()].sort()).toEqual(placed.sort())
        for (const id of placed) expect(pathTo(tree, id).at(-1)?.id).toBe(id)
        const children = [...tree.children.values()].flat()
        expect(children.sort()).toEqual(placed)
        if (placed.length > 0) expect(leafId(tree)).not.toBeNull()
      },
    ),
    { numRuns: 3_000 },
  )
})

test('a message that did not change keeps its identity when the tree is derived anew', () => {
  const before = kept({ q: entry(null, 1), a: entry('q', 2) })
  const tree = deriveTree(before)
  const after = { ...before, messages: new Map(before.messages).set('b', entry('a', 3)) }
  const next = deriveTree(after, tree.chosen, { kept: before, tree })
  expect(next.nodes.get('q')).toBe(tree.nodes.get('q'))
  expect(next.nodes.get('a')).toBe(tree.nodes.get('a'))
})

test('a step past either end of the versions is undefined', () => {
  const tree = deriveTree(kept({ a: entry(null, 1), b: entry(null, 2) }))
  const [a, b] = [tree.nodes.get('a'), tree.nodes.get('b')]
  if (!a || !b) throw new Error('Both are there')
  expect(siblingOf(tree, a, 'next')).toBe('b')
  expect(siblingOf(tree, a, 'previous')).toBeUndefined()
  expect(siblingOf(tree, b, 'next')).toBeUndefined()
  expect(siblingOf(tree, b, 0)).toBe('a')
})

/** One write to the registers. */
const anyWrite = fc.oneof(
  fc.record({
    do: fc.constant('place' as const),
    id: fc.nat(11),
    parent: fc.option(fc.nat(11)),
    where: fc.constantFrom(rank.line, rank.tree, rank.tree, rank.tree, rank.removed),
  }),
  fc.record({ do: fc.constant('say' as const), id: fc.nat(11) }),
  fc.record({ do: fc.constant('show' as const), id: fc.nat(11) }),
  fc.record({ do: fc.constant('remove' as const), ids: fc.array(fc.nat(11), { maxLength: 4 }) }),
)

test('the incremental tree equals the derived one, and the tree before it stays as it was', () => {
  const settings = {
    asked: {},
    whenBusy: 'queue',
    hasStorage: false,
    resume: true,
    hasLocks: false,
  } as const
  fc.assert(
    fc.property(fc.array(fc.array(anyWrite, { maxLength: 4 }), { maxLength: 12 }), (events) => {
      let value = openConversation('chat', 'test', settings)
      for (const writes of events) {
        const { tree: before } = value
        const asItWas = structuredClone([before.children, before.chosen, [...before.nodes.keys()]])
        const draft = draftOf(value, { now: 0, timings: new Map() })
        for (const one of writes) {
          if (one.do === 'remove') {
            const messages = new Map(draft.kept.messages)
            for (const id of one.ids.map((number) => `m${number}`)) {
              const known = messages.get(id)
              const place = known && { ...known.place, rank: rank.removed, ...nextStamp(draft) }
              if (known && place) messages.set(id, { ...known, place })
            }
            replaceKept(draft, { ...draft.kept, messages })
            continue
          }
          const id = `m${one.id}`
          const known = draft.kept.messages.get(id)
          if (one.do === 'show') show(draft, id)
          if (one.do === 'say' && known) {
            write(draft, id, { body: { ...known.body, parts: [{ type: 'text', text: id }] } })
          }
          if (one.do === 'place') {
            const parentId = one.parent === null ? null : `m${one.parent}`
            write(draft, id, { place: { rank: one.where, parentId }, body: known?.body ?? body })
          }
        }
        value = valueOf(draft, value)
        const derived = deriveTree(value.kept, value.tree.chosen)
        expect(new Map(value.tree.children)).toEqual(derived.children)
        expect(new Map(value.tree.nodes)).toEqual(derived.nodes)
        expect(new Map(value.tree.chosen)).toEqual(derived.chosen)
        expect([before.children, before.chosen, [...before.nodes.keys()]]).toEqual(asItWas)
      }
    }),
    { numRuns: 2_000 },
  )
})
