import { describe, expect, onTestFinished, test } from 'vitest'
import { textLength } from './answer-probes.ts'
import { drawImage } from './draw-image.ts'
import { fillQueue } from './fill-queue.ts'
import type { Screen } from './open-screen.ts'

/** How it looks, small and large, by day and by night: nothing is cut off, and each state leaves an image. */
export function describeLooks(screen: Screen): void {
  describe.each([
    { name: 'phone', viewport: { width: 360, height: 740 }, hasTouch: true },
    { name: 'desktop', viewport: { width: 1440, height: 900 }, hasTouch: false },
  ])('on a $name', ({ name, viewport, hasTouch }) => {
    test.each(['light', 'dark'] as const)('fits the screen, %s', async (colorScheme) => {
      await screen.reopen({ viewport, hasTouch, colorScheme })
      const shoot = async (state: string) => {
        await screen.shoot(`${name}-${colorScheme}-${state}`)
        expect(await findClipped(), state).toEqual([])
      }
      await shoot('empty')

      await screen.chat.send('/markdown')
      await expect.poll(() => textLength(screen.chat.answers.last())).toBeGreaterThan(420)
      await shoot('streaming')
      await screen.chat.waitForAnswer('done')
      await shoot('done')

      await screen.chat.button('New chat').click()
      await screen.chat.ask(
        '/echo Streams say the first word early; queues say the last one surely.',
      )
      await screen.chat.send(
        'What would you do if the provider went away?\n/error upstream went away',
      )
      await screen.chat.waitForAnswer('error')
      await shoot('error')

      await screen.chat.button('New chat').click()
      await attach()
      await screen.chat.message.fill('/echo The second one is colder.')
      await shoot('attachments')
      await screen.chat.button('Send').click()
      await screen.chat.waitForAnswer('done')
      await shoot('images')

      await screen.chat.button('New chat').click()
      const empty = await fillQueue(screen.emulatorUrl, 3)
      onTestFinished(empty)
      await screen.chat.button('Durable').click()
      await screen.chat.send('/long 400')
      await screen.chat.conversation.getByText('In the queue, 1 ahead').waitFor()
      await shoot('queued')
      await empty()
      await screen.chat.conversation.getByText('Log', { exact: true }).click()
      await screen.chat.send('/echo and then this')
      await screen.page.getByRole('list', { name: 'Waiting to be sent' }).waitFor()
      await shoot('durable-waiting')
      await screen.chat.button('Stop').click()
      await screen.chat.waitForAnswer('stopped')

      const drawer = screen.chat.button('Conversations')
      if (await drawer.isVisible()) await drawer.click()
      await screen.chat.button('Delete /markdown').click()
      await screen.chat.button('Undo').waitFor()
      await shoot('list')
    })
  })

  async function attach(): Promise<void> {
    const [first, second] = [await drawImage(screen.page, 30), await drawImage(screen.page, 250)]
    const chooser = screen.page.waitForEvent('filechooser')
    await screen.chat.button('Attach images').click()
    await (
      await chooser
    ).setFiles([
      { name: 'before.png', mimeType: 'image/png', buffer: first },
      { name: 'after.png', mimeType: 'image/png', buffer: second },
    ])
    const ready = screen.chat.attached.and(screen.page.locator('[data-status="ready"]'))
    await expect.poll(() => ready.count()).toBe(2)
  }

  /** What sticks out of the screen, and what scrolls the page sideways. */
  function findClipped(): Promise<readonly string[]> {
    return screen.page.evaluate(() => {
      const width = window.innerWidth
      const outside = [
        ...document.querySelectorAll('button, p, select, textarea, summary, dd, img'),
      ]
        .filter((element) => {
          const box = element.getBoundingClientRect()
          const isShown = box.width > 1 && box.height > 1
          return isShown && (box.left < -0.5 || box.right > width + 0.5)
        })
        .map((element) => element.outerHTML.slice(0, 120))
      const scrolls = document.documentElement.scrollWidth > width
      return scrolls
        ? [...outside, `the page is ${document.documentElement.scrollWidth} wide`]
        : outside
    })
  }
}
