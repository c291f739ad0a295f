import { createFalChat } from '@fal-llm/core'
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import fc from 'fast-check'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createConversations } from './conversations.ts'
import type { Conversations } from './conversations.ts'

afterEach(() => vi.unstubAllGlobals())

function memory(items = new Map<string, string>()) {
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

/** A browser: tabs share the list and the conversations, each has its own memory of what is open. */
function openBrowser() {
  const [list, storage] = [memory(), memory()]
  let time = Date.now()
  let count = 0
  const openTab = (tab = memory()) => {
    const conversations = createConversations({
      storage,
      list,
      tab,
      now: () => (time += 1),
      createId: () => `c${++count}`,
    })
    const llm = createScriptedLlm()
    const options = () => ({
      id: conversations.getState().openId,
      storage: conversations.storage,
    })
    const chat = createFalChat({ ...options(), llm, flush: 'sync', createId: () => `m${++count}` })
    const unfollow = conversations.follow(chat)
    // What every framework's hook does with live options.
    const unsubscribe = conversations.subscribe(() => chat.setOptions(options()))
    onTestFinished(() => {
      unfollow()
      unsubscribe()
      chat.destroy()
    })
    const send = async (text: string, answer = 'yes') => {
      void chat.send(text)
      await settled()
      if (!answer) return
      llm.last.addText(answer)
      llm.last.finish()
      await settled()
    }
    return { conversations, chat, llm, tab, send }
  }
  return { openTab, storage, list, wait: (durationMs: number) => void (time += durationMs) }
}

const titles = (conversations: Conversations) =>
  conversations.getState().entries.map(({ title }) => title)

test('lists a conversation with its first words, once something was said', async () => {
  const { conversations, send } = openBrowser().openTab()
  expect(titles(conversations)).toEqual([])
  await send('Hello there')
  await send('And again')
  expect(titles(conversations)).toEqual(['Hello there'])
})

test('newest first, by what was said last', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const { conversations, send } = openBrowser().openTab()
  await send('one')
  const first = conversations.getState().openId
  vi.advanceTimersByTime(10)
  conversations.startNew()
  await send('two')
  expect(titles(conversations)).toEqual(['two', 'one'])
  vi.advanceTimersByTime(10)
  conversations.open(first)
  await settled()
  expect(titles(conversations)).toEqual(['two', 'one'])
  await send('more')
  expect(titles(conversations)).toEqual(['one', 'two'])
})

test('a new conversation where nothing was said is the one that is open', async () => {
  const { conversations, send } = openBrowser().openTab()
  const { openId } = conversations.getState()
  conversations.startNew()
  expect(conversations.getState().openId).toBe(openId)
  await send('words')
  conversations.startNew()
  expect(conversations.getState().openId).not.toBe(openId)
})

test('an answer goes on in the conversation that was left, and is there on return', async () => {
  const { conversations, chat, llm, send } = openBrowser().openTab()
  await send('one', '')
  const { openId } = conversations.getState()
  const run = llm.last
  conversations.startNew()
  run.addText('a whole answer')
  run.finish()
  await settled()
  expect(chat.getState().messages).toEqual([])
  conversations.open(openId)
  await settled()
  expect(chat.getState().messages[1]).toMatchObject({ text: 'a whole answer', status: 'done' })
})

test('a reload finds the list and what was open', async () => {
  const { openTab } = openBrowser()
  const before = openTab()
  await before.send('one')
  before.chat.destroy()
  const after = openTab(before.tab)
  await settled()
  expect(after.conversations.getState()).toEqual(before.conversations.getState())
  expect(after.chat.getState().messages[0]?.text).toBe('one')
})

test('deleting stops the open one, opens a new one, and can be undone', async () => {
  const { openTab } = openBrowser()
  const { conversations, chat, llm, send } = openTab()
  await send('one', '')
  const { openId } = conversations.getState()
  conversations.remove(openId)
  await settled()
  expect(llm.last.state).toBe('stopped')
  expect(titles(conversations)).toEqual([])
  expect(conversations.getState().removed?.title).toBe('one')
  expect(conversations.getState().openId).not.toBe(openId)
  conversations.undoRemove()
  await settled()
  expect(titles(conversations)).toEqual(['one'])
  expect(conversations.getState()).toMatchObject({ openId, removed: undefined })
  expect(chat.getState().messages[0]?.text).toBe('one')
})

test('what was deleted is gone for good once the reader goes on, and nothing writes it again', async () => {
  const { openTab, storage } = openBrowser()
  const { conversations, llm, send } = openTab()
  await send('one', '')
  const first = conversations.getState().openId
  conversations.startNew()
  conversations.remove(first)
  conversations.startNew()
  expect(conversations.getState().removed).toBeUndefined()
  llm.last.addText('too late')
  llm.last.finish()
  await settled()
  await vi.waitFor(() => expect([...storage.items.values()].join()).not.toContain('"one"'))
  conversations.undoRemove()
  expect(titles(conversations)).toEqual([])
})

test('what was deleted in a tab that is gone is cleared away after an hour', async () => {
  const { openTab, storage, wait } = openBrowser()
  const { conversations, chat, send } = openTab()
  await send('one')
  const stored = (): string => [...storage.items.values()].join()
  await vi.waitFor(() => expect(stored()).toContain('"one"'))
  conversations.remove(conversations.getState().openId)
  chat.destroy()
  openTab()
  expect(stored()).toContain('"one"')
  wait(60 * 60 * 1000)
  openTab()
  await vi.waitFor(() => expect(stored()).not.toContain('"one"'))
})

test('two tabs add to one list', async () => {
  const { openTab } = openBrowser()
  const [left, right] = [openTab(), openTab()]
  await left.send('from the left')
  await right.send('from the right')
  await left.send('more from the left')
  expect(titles(openTab().conversations).toSorted()).toEqual(['from the left', 'from the right'])
})

test('takes over what another tab wrote', async () => {
  const { openTab } = openBrowser()
  const [left, right] = [openTab(), openTab()]
  await left.send('from the left')
  dispatchEvent(new StorageEvent('storage', { key: 'fal-llm-conversations' }))
  expect(titles(right.conversations)).toEqual(['from the left'])
})

test('whatever tabs do, in whatever order, no conversation is lost but those that were deleted', async () => {
  const step = fc.record({
    tab: fc.nat({ max: 1 }),
    act: fc.constantFrom('send', 'new', 'open', 'remove', 'undo'),
    pick: fc.nat({ max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { openTab } = openBrowser()
      const tabs = [openTab(), openTab()] as const
      const alive = new Set<string>()
      for (const { tab, act, pick } of steps) {
        const { conversations, send } = tabs[tab === 0 ? 0 : 1]
        const { entries, openId, removed } = conversations.getState()
        const entry = entries[pick % Math.max(1, entries.length)]
        if (act === 'new') conversations.startNew()
        if (act === 'open' && entry) conversations.open(entry.id)
        if (act === 'send') {
          await send(`words ${pick}`)
          // One that another tab deleted while it is open here is listed again only when it was said later.
          if (conversations.getState().entries.some(({ id }) => id === openId)) alive.add(openId)
        }
        if (act === 'remove' && entry) {
          conversations.remove(entry.id)
          alive.delete(entry.id)
        }
        if (act === 'undo' && removed) {
          conversations.undoRemove()
          alive.add(removed.id)
        }
      }
      const listed = openTab()
        .conversations.getState()
        .entries.map(({ id }) => id)
      expect(new Set(listed)).toEqual(alive)
    }),
    { numRuns: 60 },
  )
})

test.each(['', '[]', 'null', '{"entries":[{"id":1}],"removed":{}}', '{"entries":"x"}'])(
  'a stored list of %j is no hindrance',
  (stored) => {
    const broken = { getItem: () => stored, setItem() {} }
    const conversations = createConversations({ storage: memory(), list: broken, tab: memory() })
    expect(conversations.getState().entries).toEqual([])
  },
)

test('works where nothing can be stored', async () => {
  const deny = () => {
    throw new Error('denied')
  }
  const refusing = { getItem: deny, setItem: deny }
  const conversations = createConversations({ storage: memory(), list: refusing, tab: refusing })
  const llm = createScriptedLlm()
  const chat = createFalChat({ llm, id: conversations.getState().openId })
  conversations.follow(chat)
  void chat.send('words')
  await settled()
  expect(titles(conversations)).toEqual(['words'])
  chat.destroy()
})
