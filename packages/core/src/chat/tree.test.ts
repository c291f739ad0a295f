import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatMessage } from './state.ts'
import {
  addMessage,
  chooseMessage,
  emptyTree,
  pathTo,
  removeMessage,
  siblingOf,
  treeOf,
  treeWithBranches,
  visiblePath,
} from './tree.ts'
import type { MessageTree } from './tree.ts'

function message(id: string, parentId: string | null = null): ChatMessage {
  return {
    id,
    parentId,
    role: 'user',
    parts: [],
    text: id,
    reasoning: '',
    status: 'done',
    error: undefined,
    createdAt: 0,
    branch: { index: 0, count: 1 },
  }
}
const ids = (tree: MessageTree): string[] => visiblePath(tree).map((node) => node.id)

test('a sibling is chosen when it is added, and the one before it is still there', () => {
  let tree: MessageTree = treeOf([message('a'), message('b')])
  tree = addMessage(tree, message('b2', 'a'))
  expect(ids(tree)).toEqual(['a', 'b2'])
  expect(visiblePath(tree)[1]?.branch).toEqual({ index: 1, count: 2 })
  expect(siblingOf(tree, 'b2', 'previous')).toBe('b')
  expect(siblingOf(tree, 'b2', 'next')).toBeUndefined()
  expect(ids(chooseMessage(tree, 'b'))).toEqual(['a', 'b'])
})

test('choosing a message deep in another branch shows the whole way to it', () => {
  let tree: MessageTree = treeOf([message('a'), message('b'), message('c')])
  tree = addMessage(tree, message('a2'))
  expect(ids(tree)).toEqual(['a2'])
  expect(ids(chooseMessage(tree, 'c'))).toEqual(['a', 'b', 'c'])
})

test('messages whose place did not change keep their identity', () => {
  const tree = treeOf([message('a'), message('b')])
  const next = addMessage(tree, message('c', 'b'))
  expect(next.nodes.get('a')).toBe(tree.nodes.get('a'))
  expect(next.nodes.get('b')).toBe(tree.nodes.get('b'))
})

type Step = { do: 'add' | 'choose' | 'remove'; at: number }

test('after any steps the path is connected, and siblings are numbered without gaps', () => {
  const step = fc.record({ do: fc.constantFrom('add', 'choose', 'remove'), at: fc.nat(30) })
  fc.assert(
    fc.property(fc.array(step as fc.Arbitrary<Step>, { maxLength: 40 }), (steps) => {
      let tree: MessageTree = emptyTree
      steps.forEach(({ do: what, at }, count) => {
        const known = [...tree.nodes.keys()]
        const id = known[at % Math.max(1, known.length)]
        if (what === 'add')
          tree = addMessage(tree, message(`m${count}`, at % 5 ? (id ?? null) : null))
        if (what === 'choose' && id) tree = chooseMessage(tree, id)
        if (what === 'remove' && id) tree = removeMessage(tree, id)
      })
      const path = visiblePath(tree)
      expect(path.length > 0).toBe(tree.nodes.size > 0)
      path.forEach((node, index) => expect(node.parentId).toBe(path[index - 1]?.id ?? null))
      for (const [parentId, siblings] of tree.children) {
        expect(parentId === null || tree.nodes.has(parentId)).toBe(true)
        siblings.forEach((id, index) => {
          expect(tree.nodes.get(id)?.branch).toEqual({ index, count: siblings.length })
        })
      }
      const reachable = [...tree.nodes.keys()].every((id) => pathTo(tree, id)[0]?.parentId === null)
      expect(reachable).toBe(true)
    }),
  )
})

test('a tree made in one go is the tree that grew message by message', () => {
  const parents = fc.array(fc.option(fc.nat(30)), { maxLength: 30 })
  fc.assert(
    fc.property(parents, fc.array(fc.nat(30)), (places, choices) => {
      // Ids repeat and parents are missing now and then: both ways leave the same ones out.
      const messages = places.map((place, index) =>
        message(`m${index % 20}`, place === null ? null : `m${place}`),
      )
      const grown = messages.reduce<MessageTree>(addMessage, emptyTree)
      expect(treeWithBranches(messages, [])).toEqual(grown)
      const chosen = choices.map((choice) => `m${choice}`)
      const made = treeWithBranches(messages, chosen)
      expect(made.nodes).toEqual(grown.nodes)
      const last = chosen.findLast((id) => made.nodes.has(id))
      const parentId = made.nodes.get(last ?? '')?.parentId
      if (parentId !== undefined) expect(made.chosen.get(parentId)).toBe(last)
    }),
  )
})
