import { FalLlmError } from '@fal-llm/core'
import { expect } from 'vitest'
import type { Behaviour } from './behaviour.ts'

/** One answer at a time. */
export const completing: readonly Behaviour[] = [
  {
    name: 'completion: an answer streams onto the page, and a reset clears it',
    async run({ llm, mountCompletion, settle, advance }) {
      const screen = mountCompletion()
      await settle()
      void screen.commands.complete('Hello')
      await settle()
      expect(screen.read()).toMatchObject({ status: 'submitted', text: '' })
      llm.last.addText('Hi')
      await advance(16)
      expect(screen.read()).toMatchObject({ status: 'streaming', text: 'Hi' })
      llm.last.finish()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', text: 'Hi' })
      screen.commands.reset()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', text: '' })
    },
  },
  {
    name: 'completion: the latest call wins and stops the one before it',
    async run({ llm, mountCompletion, settle }) {
      const screen = mountCompletion()
      await settle()
      const overtaken = screen.commands.complete('First')
      await settle()
      const first = llm.last
      first.addText('First answer')
      const latest = screen.commands.complete('Second')
      await settle()
      expect(first.state).toBe('stopped')
      llm.last.addText('Second answer')
      llm.last.finish()
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', text: 'Second answer' })
      expect(await overtaken).toBeUndefined()
      expect(await latest).toMatchObject({ text: 'Second answer' })
    },
  },
  {
    name: 'completion: an error is shown',
    async run({ llm, mountCompletion, settle }) {
      const screen = mountCompletion()
      await settle()
      void screen.commands.complete('Hello')
      await settle()
      llm.last.fail(new FalLlmError('rate-limited', 'Slow down'))
      await settle()
      expect(screen.read()).toMatchObject({ status: 'error', alert: 'rate-limited' })
    },
  },
  {
    name: 'completion: options are live, and the answer stops with the component',
    async run({ llm, mountCompletion, settle }) {
      const screen = mountCompletion({ model: 'first/model', system: 'Be brief' })
      await settle()
      screen.setOptions({ model: 'second/model' })
      await settle()
      void screen.commands.complete('Hello')
      await settle()
      expect(llm.last.request.model).toBe('second/model')
      expect(llm.last.request.system).toBeUndefined()
      screen.unmount()
      await settle()
      expect(llm.last.state).toBe('stopped')
    },
  },
]
