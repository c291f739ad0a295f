import { expect } from 'vitest'
import type { Behaviour } from './behaviour.ts'
import { createMemoryStorage } from './memory-storage.ts'

/** Rule 17: no network in a constructor, a render, a setup or on a server. */
export const serverRendering: readonly Behaviour[] = [
  {
    name: 'rule 17: mounting asks for nothing',
    async run({ llm, mountChat, mountCompletion, advance }) {
      mountChat()
      mountCompletion()
      await advance(1000)
      expect(llm.calls).toHaveLength(0)
    },
  },
  {
    name: 'rule 17: a server asks and reads nothing, and the page goes on from what it painted',
    async run({ driver, llm, mountChat, renderOnServer, settle, advance }) {
      let reads = 0
      const memory = createMemoryStorage()
      const storage = {
        ...memory,
        getItem: (key: string): unknown => {
          reads += 1
          return memory.getItem(key)
        },
      }
      const html = await renderOnServer({ storage })
      await settle()
      expect(llm.calls).toHaveLength(0)
      expect(reads).toBe(0)

      const screen = mountChat({ storage }, { mount: driver.hydrateChat, html })
      expect(screen.container.querySelector('section')?.outerHTML).toBe(sectionOf(html))
      await settle()
      void screen.commands.send('Hello')
      await settle()
      llm.last.addText('Hi')
      await advance(16)
      expect(screen.read().texts).toEqual(['Hello', 'Hi'])
    },
  },
]

function sectionOf(html: string): string | undefined {
  const container = document.createElement('main')
  container.innerHTML = html
  return container.querySelector('section')?.outerHTML
}
