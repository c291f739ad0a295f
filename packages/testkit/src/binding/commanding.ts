import { expect } from 'vitest'
import type { Behaviour } from './behaviour.ts'
import type { Bench, ChatScreen } from './bench.ts'

/** What a person does besides sending. */
export const commanding: readonly Behaviour[] = [
  {
    name: 'what waits behind a stop waits for a person, and goes first with the next send',
    async run(bench) {
      const { llm, settle } = bench
      const screen = await stopWithWaiting(bench)
      expect(screen.read()).toMatchObject({ status: 'ready', paused: true, queued: ['Second'] })
      void screen.commands.send('Third')
      await settle()
      expect(llm.calls).toHaveLength(2)
      expect(screen.read()).toMatchObject({ paused: false, queued: ['Third'] })
      expect(screen.read().texts).toEqual(['First', '', 'Second', ''])
    },
  },
  {
    name: 'sendQueuedNow sends what waits for a person',
    async run(bench) {
      const { llm, settle } = bench
      const screen = await stopWithWaiting(bench)
      const sent = screen.commands.sendQueuedNow(screen.read().queuedIds[0] ?? '')
      await settle()
      expect(screen.read()).toMatchObject({ paused: false, queued: [] })
      llm.last.addText('Yes')
      llm.last.finish()
      expect(await sent).toMatchObject({ status: 'done', text: 'Yes' })
      await settle()
      expect(screen.read().texts).toEqual(['First', '', 'Second', 'Yes'])
    },
  },
  {
    name: 'cancelQueued hands back what was typed, and it is gone from the line',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat()
      void screen.commands.send('First')
      const file = new Blob(['image'], { type: 'image/png' })
      const waiting = screen.commands.send({ text: 'Second', images: [file], metadata: { a: 1 } })
      await settle()
      const taken = await screen.commands.cancelQueued(screen.read().queuedIds[0] ?? '')
      expect(taken).toMatchObject({ text: 'Second', metadata: { a: 1 } })
      expect(taken.images).toEqual([file])
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
      await settle()
      expect(screen.read()).toMatchObject({ queued: [], texts: ['First', ''] })
      expect(llm.calls).toHaveLength(1)
    },
  },
  {
    name: 'append and update ask nothing, and rename gives a title',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat()
      const { id } = screen.commands.append({ role: 'assistant', text: 'Welcome' })
      await settle()
      expect(screen.read()).toMatchObject({ status: 'ready', texts: ['Welcome'], title: undefined })
      screen.commands.update(id, { text: 'Welcome back' })
      screen.commands.rename('A talk')
      await settle()
      expect(screen.read()).toMatchObject({ texts: ['Welcome back'], title: 'A talk' })
      expect(llm.calls).toHaveLength(0)
    },
  },
  {
    name: 'append while an answer is written throws busy',
    async run({ mountChat, settle }) {
      const screen = mountChat()
      void screen.commands.send('First')
      await settle()
      const append = (): unknown => screen.commands.append({ role: 'user', text: 'And?' })
      expect(append).toThrow(expect.objectContaining({ code: 'busy' }))
      await settle()
      expect(screen.read().texts).toEqual(['First', ''])
    },
  },
  {
    name: 'continue lets a stopped answer grow on in its message',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat()
      void screen.commands.send('Count')
      await settle()
      llm.last.addText('One, two,')
      await settle()
      void screen.commands.stop()
      await settle()
      expect(screen.read().endings).toEqual(['done', 'stopped'])
      void screen.commands.continue()
      await settle()
      expect(llm.calls).toHaveLength(2)
      llm.last.addText(' three')
      llm.last.finish()
      await settle()
      expect(screen.read()).toMatchObject({
        status: 'ready',
        texts: ['Count', 'One, two, three'],
        endings: ['done', 'done'],
      })
    },
  },
  {
    name: 'regenerate twice in a tick asks once',
    async run({ llm, mountChat, settle }) {
      const screen = mountChat()
      void screen.commands.send('Hello')
      await settle()
      llm.last.addText('One')
      llm.last.finish()
      await settle()
      const [left, right] = [screen.commands.regenerate(), screen.commands.regenerate()]
      await settle()
      expect(llm.calls).toHaveLength(2)
      llm.last.addText('Two')
      llm.last.finish()
      expect((await left).id).toBe((await right).id)
      await settle()
      expect(screen.read().texts).toEqual(['Hello', 'Two'])
      expect(await left).toMatchObject({ branch: { index: 1, count: 2 } })
    },
  },
]

/** A chat whose answer was stopped while a second turn waited. */
async function stopWithWaiting({ mountChat, settle }: Bench): Promise<ChatScreen> {
  const screen = mountChat()
  void screen.commands.send('First')
  void screen.commands.send('Second')
  await settle()
  void screen.commands.stop()
  await settle()
  return screen
}
