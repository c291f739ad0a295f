import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { readContrasts } from './contrast.ts'
import { findBarriers } from './find-barriers.ts'
import type { Screen } from './open-screen.ts'

/** For whoever does not see it, and for whoever does not see it well. */
export function describeAccess(screen: Screen): void {
  test('a screen reader knows when it is busy', async () => {
    const isBusy = () => screen.chat.conversation.getAttribute('aria-busy')
    expect(await isBusy()).toBe('false')
    await screen.chat.send('/long 600')
    await screen.page.getByRole('status').getByText('The model is answering').waitFor()
    expect(await isBusy()).toBe('true')
    await screen.chat.button('Stop').click()
    await screen.chat.waitForAnswer('stopped')
    expect(await isBusy()).toBe('false')
  })

  test('remembers the theme that was chosen', async () => {
    await screen.page.emulateMedia({ colorScheme: 'light' })
    const light = await pageColour(screen.page)
    await screen.chat.button('Dark theme').click()
    expect(await pageColour(screen.page)).not.toBe(light)
    await screen.page.reload()
    await screen.chat.message.waitFor()
    expect(await screen.chat.button('Dark theme').getAttribute('aria-pressed')).toBe('true')
    expect(await pageColour(screen.page)).not.toBe(light)
  })

  test.each(['light', 'dark'] as const)('can be read: AA contrast, %s', async (colorScheme) => {
    await screen.page.emulateMedia({ colorScheme })
    const contrasts = await readContrasts(screen.page)
    for (const { pair, ratio } of contrasts) expect(ratio, pair).toBeGreaterThanOrEqual(4.5)
  })

  test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
    await screen.reopen({ viewport: { width: 360, height: 740 }, colorScheme })
    const barriers: Record<string, readonly string[]> = {}
    barriers['empty'] = await findBarriers(screen.page)
    await screen.chat.send('/markdown')
    await screen.chat.waitForAnswer('streaming')
    barriers['streaming'] = await findBarriers(screen.page)
    await screen.chat.waitForAnswer('done')
    barriers['done'] = await findBarriers(screen.page)
    await screen.chat.send('/error no luck')
    await screen.chat.waitForAnswer('error')
    barriers['error'] = await findBarriers(screen.page)
    await screen.chat.button('Conversations').click()
    await screen.chat.titles.first().waitFor()
    barriers['drawer'] = await findBarriers(screen.page)
    await screen.chat.button('Close').click()
    const buffer = await screen.page.screenshot()
    const [image, paper] = [
      { name: 'cat.png', mimeType: 'image/png', buffer },
      { name: 'notes.pdf', mimeType: 'application/pdf', buffer },
    ]
    const chooser = screen.page.waitForEvent('filechooser')
    await screen.chat.button('Attach images').click()
    await (await chooser).setFiles([image, paper])
    await screen.chat.attached.first().waitFor()
    barriers['attachments'] = await findBarriers(screen.page)
    await screen.page.setViewportSize({ width: 1440, height: 900 })
    barriers['wide'] = await findBarriers(screen.page)
    const none = Object.fromEntries(Object.keys(barriers).map((state) => [state, []]))
    expect(barriers).toEqual(none)
  })

  test('the whole way by keyboard: ask, stop, delete, undo', async () => {
    await screen.page.keyboard.type('/long 2000')
    await screen.page.keyboard.press('Enter')
    await screen.chat.waitForAnswer('streaming')
    await screen.page.keyboard.press('Escape')
    await screen.chat.waitForAnswer('stopped')
    await tabTo('Delete /long 2000')
    await screen.page.keyboard.press('Enter')
    await screen.chat.button('Undo').waitFor()
    await screen.page.keyboard.press('Enter')
    await screen.chat.waitForAnswer('stopped')
  })

  async function tabTo(name: string): Promise<void> {
    const target = screen.chat.button(name)
    for (let steps = 0; steps < 60; steps++) {
      if (await target.evaluate((element) => element === document.activeElement)) return
      await screen.page.keyboard.press('Shift+Tab')
    }
    throw new Error(`Tab never came to "${name}"`)
  }
}

function pageColour(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor)
}
