import { createFalChat } from '@fal-llm/core'
import { expect, vi } from 'vitest'
import type { Behaviour } from './behaviour.ts'

/** Many tokens, many components, and failures beside them. */
export const load: readonly Behaviour[] = [
  {
    name: '300 deltas, 2 ms apart: at most 40 renders',
    async run({ llm, mountChat, settle, advance }) {
      const screen = mountChat()
      await settle()
      const before = screen.renders
      void screen.commands.send('Hello')
      await settle()
      for (let count = 0; count < 300; count++) {
        llm.last.addText('x')
        await advance(2)
      }
      llm.last.finish()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', texts: ['Hello', 'x'.repeat(300)] })
      expect(screen.renders - before).toBeLessThanOrEqual(40)
    },
  },
  {
    name: 'a burst of 5,000 deltas under a component that sets state in an effect',
    async run({ llm, mountChat, settle, advance }) {
      const screen = mountChat({}, { setsState: true })
      await settle()
      const before = screen.renders
      void screen.commands.send('Hello')
      await settle()
      for (let count = 0; count < 5_000; count++) llm.last.addText('x')
      await advance(16)
      expect(screen.read().texts[1]).toHaveLength(5_000)
      llm.last.finish()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', texts: ['Hello', 'x'.repeat(5_000)] })
      // The question, the empty answer, a frame, the ending: each renders, and the state it sets renders once more.
      expect(screen.renders - before).toBeLessThanOrEqual(12)
      expect(screen.read().effects).toBeGreaterThan(0)
    },
  },
  {
    name: "flush 'sync' paints every delta of a burst, to the last",
    async run({ llm, mountChat, settle }) {
      const screen = mountChat({ flush: 'sync' })
      await settle()
      void screen.commands.send('Hello')
      await settle()
      for (let count = 0; count < 300; count++) llm.last.addText('x')
      llm.last.finish()
      await vi.waitUntil(() => screen.read().status === 'ready')
      expect(screen.read().texts).toEqual(['Hello', 'x'.repeat(300)])
    },
  },
  {
    name: 'a hidden tab has no frames: its text goes on by timer',
    async run({ llm, mountChat, settle, advance }) {
      vi.stubGlobal('requestAnimationFrame', () => 0)
      const screen = mountChat()
      await settle()
      void screen.commands.send('Hello')
      await settle()
      llm.last.addText('Hi')
      await advance(99)
      expect(screen.read().texts[1]).toBe('')
      await advance(1)
      expect(screen.read().texts[1]).toBe('Hi')
    },
  },
  {
    name: 'rows that did not change do not render again',
    async run({ llm, mountChat, settle, advance }) {
      const screen = mountChat()
      await settle()
      for (const question of ['One', 'Two', 'Three']) {
        void screen.commands.send(question)
        await settle()
        llm.last.addText('Yes')
        if (question !== 'Three') llm.last.finish()
        await advance(16)
      }
      const before = screen.rowRenders
      for (let count = 0; count < 10; count++) {
        llm.last.addText('x')
        await advance(16)
      }
      const rendered = screen.rowRenders.map((renders, row) => renders - (before[row] ?? 0))
      expect(rendered).toEqual([0, 0, 0, 0, 0, 10])
    },
  },
  {
    name: 'two components show one chat, and one of them may go',
    async run({ llm, mountChat, settle, advance }) {
      const chat = createFalChat({ llm })
      const left = mountChat({ chat })
      const right = mountChat({ chat })
      await settle()
      void left.commands.send('Hello')
      await settle()
      llm.last.addText('Hi')
      await advance(16)
      expect(left.read().texts).toEqual(['Hello', 'Hi'])
      expect(right.read()).toEqual(left.read())
      left.unmount()
      llm.last.addText(' you')
      llm.last.finish()
      await settle()
      expect(right.read()).toMatchObject({ status: 'ready', texts: ['Hello', 'Hi you'] })
    },
  },
  {
    name: 'a listener or a callback that throws stops nothing but itself',
    async run({ llm, mountChat, settle, advance, takeComplaints }) {
      const fail = (): never => {
        throw new Error('A listener of the test')
      }
      const chat = createFalChat({ llm, onFinish: fail, onEvent: fail })
      chat.subscribe(fail)
      const screen = mountChat({ chat })
      await settle()
      void screen.commands.send('Hello')
      await settle()
      llm.last.addText('Hi')
      await advance(16)
      expect(screen.read().texts).toEqual(['Hello', 'Hi'])
      llm.last.finish()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', endings: ['done', 'done'] })
      expect(takeComplaints().join('\n')).toContain('A listener of the test')
    },
  },
]
