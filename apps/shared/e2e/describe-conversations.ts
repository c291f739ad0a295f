import { expect, test } from 'vitest'
import { textLength } from './answer-probes.ts'
import type { Screen } from './open-screen.ts'

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true }

/** The list of conversations, and going from one to another. */
export function describeConversations(screen: Screen): void {
  const isFocused = (name: string) =>
    screen.chat.button(name).evaluate((button) => button === document.activeElement)

  test('are listed by the beginning of their first message, newest first, and survive a reload', async () => {
    await screen.chat.ask('/echo the first')
    await screen.chat.button('New chat').click()
    await expect.poll(() => screen.chat.questions.count()).toBe(0)
    await screen.chat.ask('/echo the second')
    expect(await screen.chat.titles.allInnerTexts()).toEqual([
      '/echo the second',
      '/echo the first',
    ])
    await screen.reload()
    await screen.chat.answers.getByText('the second').waitFor()
    await screen.chat.titles.last().click()
    await screen.chat.answers.getByText('the first').waitFor()
    expect(await screen.chat.titles.last().getAttribute('aria-current')).toBe('true')
    expect(await screen.page.title()).toBe('/echo the first')
    await screen.reload()
    await screen.chat.answers.getByText('the first').waitFor()
  })

  test('an answer goes on in the one that was left, and is there on return', async () => {
    await screen.chat.send('/long 200')
    await screen.chat.waitForAnswer('streaming')
    await screen.chat.button('New chat').click()
    await screen.chat.ask('/echo elsewhere')
    await screen.chat.titles.last().click()
    await screen.chat.waitForAnswer('done')
    expect(await screen.chat.answers.count()).toBe(1)
    expect(await textLength(screen.chat.answers.last())).toBeGreaterThan(800)
  })

  test('a deleted one can be brought back, and is gone when the reader goes on', async () => {
    await screen.chat.ask('/echo keep me')
    await screen.chat.button('Delete /echo keep me').click()
    await screen.page.getByRole('status').getByText('Deleted “/echo keep me”').waitFor()
    expect(await isFocused('Undo')).toBe(true)
    expect(await screen.chat.questions.count()).toBe(0)
    expect(await screen.chat.titles.count()).toBe(0)
    await screen.page.keyboard.press('Enter')
    await screen.chat.answers.getByText('keep me').waitFor()
    await screen.chat.button('Delete /echo keep me').click()
    await screen.chat.button('Dismiss').click()
    expect(await screen.chat.button('Undo').count()).toBe(0)
    await screen.reload()
    await screen.page.getByText('What you talk about is listed here.').waitFor()
    expect(await screen.chat.titles.count()).toBe(0)
  })

  test('two tabs add to one list', async () => {
    const other = await screen.openTab()
    await screen.chat.ask('/echo from one tab')
    await other.chat.ask('/echo from the other')
    await expect.poll(() => screen.chat.titles.count()).toBe(2)
    await screen.chat.ask('/echo again')
    await other.page.reload()
    await expect.poll(() => other.chat.titles.count()).toBe(2)
  })

  test('on a phone they are in a drawer that Escape closes, without stopping the answer', async () => {
    await screen.reopen(phone)
    await screen.chat.ask('/echo the first')
    await screen.chat.button('New chat').click()
    await screen.chat.send('/long 400')
    await screen.chat.waitForAnswer('streaming')
    await screen.chat.button('Conversations').press('Enter')
    const drawer = screen.page.getByRole('dialog', { name: 'Conversations' })
    await drawer.waitFor()
    await screen.page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
    expect(await isFocused('Conversations')).toBe(true)
    expect(await screen.chat.button('Stop').isVisible()).toBe(true)
    await screen.chat.button('Conversations').press('Enter')
    await screen.chat.titles.last().press('Enter')
    await drawer.waitFor({ state: 'hidden' })
    await screen.chat.answers.getByText('the first').waitFor()
  })

  test('the drawer closes by its button and by a touch beside it', async () => {
    await screen.reopen(phone)
    const drawer = screen.page.getByRole('dialog', { name: 'Conversations' })
    await screen.chat.button('Conversations').click()
    await drawer.getByRole('button', { name: 'Close' }).click()
    await drawer.waitFor({ state: 'hidden' })
    await screen.chat.button('Conversations').click()
    await drawer.waitFor()
    await screen.page.touchscreen.tap(350, 400)
    await drawer.waitFor({ state: 'hidden' })
  })

  test('what waits can be sent now, or taken back', async () => {
    await screen.chat.send('/long 2000')
    await screen.chat.waitForAnswer('streaming')
    await screen.chat.send('/echo second')
    await screen.chat.send('/echo third')
    const waiting = screen.page.getByRole('list', { name: 'Waiting to be sent' })
    await expect.poll(() => waiting.getByRole('listitem').count()).toBe(2)
    await waiting.getByRole('button', { name: 'Send now' }).last().click()
    await screen.chat.answers.getByText('third').waitFor()
    expect(await screen.chat.answers.first().getAttribute('data-status')).toBe('stopped')
    await screen.chat.answers.getByText('second').waitFor()
    await waiting.waitFor({ state: 'detached' })
  })
}
