import { FalLlmError } from '@fal-llm/core'
import { expect } from 'vitest'
import type { Behaviour } from './behaviour.ts'

/** From a send to an ending. */
export const answering: readonly Behaviour[] = [
  {
    name: 'an answer streams onto the page and ends',
    async run({ llm, mountChat, advance, settle }) {
      const screen = mountChat()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', texts: [] })
      void screen.commands.send('Hello')
      await settle()
      expect(screen.read()).toMatchObject({
        status: 'submitted',
        texts: ['Hello', ''],
        endings: ['done', 'pending'],
      })
      llm.last.addText('Hi')
      await advance(16)
      expect(screen.read()).toMatchObject({
        status: 'streaming',
        texts: ['Hello', 'Hi'],
        endings: ['done', 'streaming'],
      })
      llm.last.addText(' you')
      llm.last.finish()
      await settle()
      expect(screen.read()).toMatchObject({
        status: 'ready',
        texts: ['Hello', 'Hi you'],
        endings: ['done', 'done'],
      })
    },
  },
  {
    name: 'stop ends the answer and keeps its text',
    async run({ llm, mountChat, advance, settle }) {
      const screen = mountChat()
      void screen.commands.send('Hello')
      await settle()
      llm.last.addText('Some words')
      await advance(16)
      void screen.commands.stop()
      await settle()
      expect(llm.last.state).toBe('stopped')
      expect(screen.read()).toMatchObject({
        status: 'ready',
        alert: undefined,
        texts: ['Hello', 'Some words'],
        endings: ['done', 'stopped'],
      })
    },
  },
  {
    name: 'an error is shown, with the text that came before it',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat()
      void screen.commands.send('Hello')
      await settle()
      llm.last.addText('Some words')
      llm.last.fail(new FalLlmError('interrupted', 'The connection was lost'))
      await settle()
      expect(screen.read()).toMatchObject({
        status: 'error',
        alert: 'interrupted',
        texts: ['Hello', 'Some words'],
        endings: ['done', 'interrupted'],
      })
      screen.commands.clearError()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', alert: undefined })
    },
  },
  {
    name: 'retry asks again, and the error goes',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat()
      void screen.commands.send('Hello')
      await settle()
      llm.last.fail(new FalLlmError('overloaded', 'Busy'))
      await settle()
      void screen.commands.retry()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'submitted', alert: undefined })
      llm.last.addText('Hi')
      llm.last.finish()
      await settle()
      expect(llm.calls).toHaveLength(2)
      expect(screen.read()).toMatchObject({ status: 'ready', texts: ['Hello', 'Hi'] })
    },
  },
  {
    name: 'two sends in one tick: the second waits, and knows the whole first answer',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat()
      void screen.commands.send('First question')
      void screen.commands.send('Second question')
      await settle()
      expect(llm.calls).toHaveLength(1)
      expect(screen.read()).toMatchObject({
        queued: ['Second question'],
        texts: ['First question', ''],
      })
      llm.last.addText('First ')
      llm.last.addText('answer')
      llm.last.finish()
      await settle()
      expect(llm.calls).toHaveLength(2)
      expect(JSON.stringify(llm.last.request)).toContain('First answer')
      expect(screen.read()).toMatchObject({
        queued: [],
        texts: ['First question', 'First answer', 'Second question', ''],
      })
    },
  },
]
