import { createFalChat } from '@fal-llm/core'
import type { Chat } from '@fal-llm/core'
import { expect, vi } from 'vitest'
import type { Behaviour } from './behaviour.ts'
import type { Bench, ChatScreen } from './bench.ts'
import type { DriverChatOptions } from './driver.ts'
import { createMemoryStorage } from './memory-storage.ts'

/** A component comes and goes while an answer is being written. */
export const leaving: readonly Behaviour[] = [
  {
    name: 'unmount in the middle of an answer stops a chat of its own',
    async run(bench) {
      await leaveWhileStreaming(bench, {})
      expect(bench.llm.last.state).toBe('stopped')
    },
  },
  {
    name: 'unmount with detach leaves the answer to be found again',
    async run(bench) {
      await leaveWhileStreaming(bench, { onLeave: 'detach' })
      expect(bench.llm.last.state).toBe('detached')
    },
  },
  {
    name: 'unmount leaves a chat made elsewhere alone, unless it is asked to stop it',
    async run(bench) {
      const chat = createFalChat({ llm: bench.llm })
      await leaveWhileStreaming(bench, { chat })
      expect(bench.llm.last.state).toBe('running')
      await chat.stop()
      await leaveWhileStreaming(bench, { chat, onLeave: 'stop' })
      expect(bench.llm.last.state).toBe('stopped')
    },
  },
  {
    name: 'no listener of a chat is left behind',
    async run({ llm, mountChat, settle }) {
      const listening = countListeners(createFalChat({ llm }))
      const screens = [mountChat({ chat: listening.chat }), mountChat({ chat: listening.chat })]
      await settle()
      expect(listening.count()).toBeGreaterThan(0)
      for (const screen of screens) screen.unmount()
      await settle()
      expect(listening.count()).toBe(0)
    },
  },
  {
    name: 'no listener of the page is left behind',
    async run({ mountChat, settle }) {
      const count = countPageListeners()
      const screen = mountChat({ storage: createMemoryStorage() })
      await settle()
      expect(count()).toBeGreaterThan(0)
      screen.unmount()
      await settle()
      expect(count()).toBe(0)
    },
  },
  {
    name: 'effects run twice: one answer is re-joined once, one send asks once',
    needs: 'mountChatTwice',
    async run({ driver, llm, mountChat, advance, settle }) {
      const storage = createMemoryStorage()
      const before = createFalChat({ llm, id: 'durable', storage, mode: 'durable' })
      void before.send('Hello')
      await settle()
      before.destroy()
      await advance(1000)
      const callsBefore = llm.calls.length

      const { mountChatTwice } = driver
      const screen = mountChat(
        { id: 'durable', storage },
        mountChatTwice && { mount: mountChatTwice },
      )
      await settle()
      expect(llm.calls).toHaveLength(callsBefore + 1)
      expect(llm.last.state).toBe('running')
      llm.last.addText('Hi')
      llm.last.finish()
      await advance(16)
      expect(screen.read()).toMatchObject({ status: 'ready', texts: ['Hello', 'Hi'] })
      void screen.commands.send('Again')
      await settle()
      expect(llm.calls).toHaveLength(callsBefore + 2)
      expect(llm.last.state).toBe('running')
    },
  },
]

async function leaveWhileStreaming(
  { llm, mountChat, advance, settle }: Bench,
  options: DriverChatOptions,
): Promise<ChatScreen> {
  const screen = mountChat(options)
  await settle()
  void screen.commands.send('Hello')
  await settle()
  llm.last.addText('Some')
  await advance(16)
  screen.unmount()
  await settle()
  return screen
}

/** The same chat, with its subscribers counted. */
function countListeners(chat: Chat): { readonly chat: Chat; count(): number } {
  let listeners = 0
  const subscribe: Chat['subscribe'] = (listener) => {
    const unsubscribe = chat.subscribe(listener)
    listeners += 1
    let gone = false
    return () => {
      if (!gone) listeners -= 1
      gone = true
      unsubscribe()
    }
  }
  return { chat: { ...chat, subscribe }, count: () => listeners }
}

/** How many listeners for the page's return to the net or to sight were added and not removed. */
function countPageListeners(): () => number {
  const wanted = ['online', 'visibilitychange']
  const spiesOf = (target: Window | Document) => [
    vi.spyOn(target, 'addEventListener'),
    vi.spyOn(target, 'removeEventListener'),
  ]
  const [windowAdd, windowRemove] = spiesOf(window)
  const [documentAdd, documentRemove] = spiesOf(document)
  const callsOf = (...spies: (typeof windowAdd)[]): number =>
    spies.flatMap((spy) => spy?.mock.calls ?? []).filter(([name]) => wanted.includes(name)).length
  return () => callsOf(windowAdd, documentAdd) - callsOf(windowRemove, documentRemove)
}
