import { createFalChat } from '@fal-llm/core'
import { expect } from 'vitest'
import type { Behaviour } from './behaviour.ts'
import { createMemoryStorage } from './memory-storage.ts'

/** A chat with a storage. */
export const storing: readonly Behaviour[] = [
  {
    name: 'a chat with a storage paints loading first, on a server and in the browser alike',
    async run({ mountChat, renderOnServer, settle }) {
      const storage = createMemoryStorage()
      let open: (value?: unknown) => void = () => {}
      storage.gate = new Promise((resolve) => (open = resolve))
      const painted = document.createElement('main')
      painted.innerHTML = await renderOnServer({ storage, id: 'one' })
      expect(painted.querySelector('section')?.dataset['status']).toBe('loading')
      const screen = mountChat({ storage, id: 'one' })
      await settle()
      expect(screen.read()).toMatchObject({ status: 'loading', texts: [], storage: 'ok' })
      open()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', texts: [], storage: 'ok' })
    },
  },
  {
    name: 'a send while the storage is read waits, visibly, and goes out below what was stored',
    async run({ llm, mountChat, settle, advance }) {
      const storage = createMemoryStorage()
      const before = createFalChat({ llm, id: 'one', storage })
      before.append({ role: 'assistant', text: 'Welcome' })
      await settle()
      await before.destroy()
      let open: (value?: unknown) => void = () => {}
      storage.gate = new Promise((resolve) => (open = resolve))
      const screen = mountChat({ storage, id: 'one' })
      void screen.commands.send('Hello')
      await settle()
      expect(screen.read()).toMatchObject({ status: 'loading', queued: ['Hello'], texts: [] })
      expect(llm.calls).toHaveLength(0)
      open()
      await settle()
      await advance(100)
      expect(screen.read()).toMatchObject({ status: 'submitted', queued: [] })
      expect(screen.read().texts).toEqual(['Welcome', 'Hello', ''])
      expect(llm.calls).toHaveLength(1)
    },
  },
  {
    name: 'a storage that is full is reported until it works again, and the chat goes on',
    async run({ llm, mountChat, settle, advance }) {
      const storage = createMemoryStorage()
      const screen = mountChat({ storage, id: 'one' })
      await settle()
      storage.isFull = true
      void screen.commands.send('Hello')
      await advance(300)
      expect(screen.read()).toMatchObject({ storage: 'failed', alert: undefined })
      llm.last.addText('Hi')
      llm.last.finish()
      await advance(300)
      expect(screen.read()).toMatchObject({
        status: 'ready',
        storage: 'failed',
        texts: ['Hello', 'Hi'],
      })
      storage.isFull = false
      screen.commands.rename('Room again')
      await advance(300)
      expect(screen.read().storage).toBe('ok')
    },
  },
  {
    name: 'a second component on one storage sees the turn that the first has finished',
    async run({ llm, mountChat, settle, advance }) {
      const storage = createMemoryStorage()
      const [first, second] = [
        mountChat({ storage, id: 'one' }),
        mountChat({ storage, id: 'one' }),
      ] as const
      await settle()
      void first.commands.send('Hello')
      await advance(100)
      llm.last.addText('Hi')
      llm.last.finish()
      await advance(500)
      expect(first.read().texts).toEqual(['Hello', 'Hi'])
      expect(second.read()).toMatchObject({ status: 'ready', texts: ['Hello', 'Hi'] })
      await second.commands.resume()
      expect(second.read().texts).toEqual(['Hello', 'Hi'])
      expect(llm.calls).toHaveLength(1)
    },
  },
  {
    name: 'what waited when its page went away waits in the next one, for a person',
    async run({ llm, mountChat, settle, advance }) {
      const storage = createMemoryStorage()
      const before = createFalChat({ llm, id: 'one', storage })
      void before.send('First')
      before.send('Second').catch(() => {})
      await settle()
      await advance(300)
      await before.destroy()
      const callsBefore = llm.calls.length
      const screen = mountChat({ storage, id: 'one' })
      await advance(300)
      expect(screen.read()).toMatchObject({
        status: 'ready',
        queued: ['Second'],
        paused: true,
        endings: ['done', 'interrupted'],
      })
      expect(llm.calls).toHaveLength(callsBefore)
      void screen.commands.sendQueuedNow(screen.read().queuedIds[0] ?? '')
      await advance(100)
      expect(llm.calls).toHaveLength(callsBefore + 1)
      expect(screen.read().queued).toEqual([])
    },
  },
]
