import { expect } from 'vitest'
import type { Behaviour } from './behaviour.ts'

/** Rule 16: options are live. */
export const liveOptions: readonly Behaviour[] = [
  {
    name: 'rule 16: another model in the middle of an answer: the messages stay, the next answer is its',
    async run({ llm, mountChat, settle, advance }) {
      const screen = mountChat({ model: 'first/model' })
      await settle()
      void screen.commands.send('Hello')
      await settle()
      llm.last.addText('Hi')
      screen.setOptions({ model: 'second/model' })
      await advance(16)
      expect(screen.read()).toMatchObject({ status: 'streaming', texts: ['Hello', 'Hi'] })
      llm.last.finish()
      await settle()
      void screen.commands.send('Again')
      await settle()
      expect(llm.calls.map(({ request }) => request.model)).toEqual(['first/model', 'second/model'])
    },
  },
  {
    name: 'rule 16: an option that is left out again returns to its default',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat({ model: 'first/model', system: 'Be brief' })
      await settle()
      screen.setOptions({ model: 'first/model' })
      await settle()
      void screen.commands.send('Hello')
      await settle()
      expect(llm.last.request.model).toBe('first/model')
      expect(JSON.stringify(llm.last.request)).not.toContain('Be brief')
    },
  },
  {
    name: 'rule 16: another id and back: the answer was finished in its own place',
    async run({ llm, mountChat, settle, advance }) {
      const screen = mountChat({ id: 'one' })
      await settle()
      void screen.commands.send('Hello')
      await settle()
      const first = llm.last
      screen.setOptions({ id: 'two' })
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', texts: [] })
      void screen.commands.send('Good evening')
      await settle()
      first.addText('Hi, one')
      first.finish()
      llm.last.addText('Hi, two')
      await advance(16)
      expect(screen.read().texts).toEqual(['Good evening', 'Hi, two'])
      screen.setOptions({ id: 'one' })
      await settle()
      expect(screen.read()).toMatchObject({
        status: 'ready',
        texts: ['Hello', 'Hi, one'],
        endings: ['done', 'done'],
      })
    },
  },
  {
    name: 'rule 16: of a callback the latest one is called',
    async run({ llm, mountChat, settle }) {
      const finished: string[] = []
      const screen = mountChat({ onFinish: () => void finished.push('first') })
      await settle()
      void screen.commands.send('Hello')
      await settle()
      screen.setOptions({ onFinish: () => void finished.push('second') })
      await settle()
      llm.last.finish()
      await settle()
      expect(finished).toEqual(['second'])
    },
  },
]
