import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { textLength } from './answer-probes.ts'
import { blockStorage, fillStorage, holdStorage, readStorage } from './browser-storage.ts'
import type { Screen } from './open-screen.ts'

const inQueue = /In the queue|Next in the queue|Working/
const notKept = 'This conversation is not being kept'

/** What becomes of text and of what was paid, where two pages, a reload or a storage are in the way. */
export function describeCorners(screen: Screen): void {
  const submits = () => watchSubmits(screen.page.context())
  const waiting = () => screen.page.getByRole('list', { name: 'Waiting to be sent' })
  const note = () => screen.page.getByText(notKept)

  test('two pages on one conversation: each sees the other, and each job is asked once', async () => {
    const asked = submits()
    await screen.chat.ask('/echo the first')
    const other = await screen.openTab()
    await other.chat.titles.first().click()
    await other.chat.answers.getByText('the first').waitFor()

    await other.chat.ask('/echo the second')
    await screen.chat.answers.getByText('the second').waitFor({ timeout: 1000 })
    await screen.chat.waitForAnswer('done')

    await screen.chat.button('Durable').click()
    await screen.chat.send('/long 100')
    await other.chat.questions.getByText('/long 100').waitFor({ timeout: 1000 })
    await screen.chat.waitForAnswer('done')
    await expect
      .poll(() => other.chat.answers.last().getAttribute('data-status'), { timeout: 1000 })
      .toBe('done')
    expect(asked).toHaveLength(1)
    expect(await allTexts(other.page)).toEqual(await allTexts(screen.page))
  })

  test('a page that is closed mid-job leaves it to the other one, which does not ask again', async () => {
    const asked = submits()
    await screen.chat.ask('/echo the first')
    const other = await screen.openTab()
    await other.chat.titles.first().click()
    await other.chat.button('Durable').click()
    await other.chat.send('/long 300')
    await other.chat.conversation.getByText(inQueue).waitFor()
    await screen.chat.questions.getByText('/long 300').waitFor()
    await other.page.close()
    await screen.chat.waitForAnswer('done')
    expect(await screen.chat.answers.count()).toBe(2)
    expect(asked).toHaveLength(1)
  })

  test.each(['in the queue', 'being written', 'done'] as const)(
    'a durable answer that is %s at a reload is not lost to what is sent first after it',
    async (stage) => {
      const asked = submits()
      await screen.chat.button('Durable').click()
      await screen.chat.send('/long 120')
      if (stage === 'in the queue') await screen.chat.conversation.getByText(inQueue).waitFor()
      if (stage === 'being written') await screen.chat.conversation.getByText('Working').waitFor()
      if (stage === 'done') await screen.chat.waitForAnswer('done')
      await screen.reload()
      await screen.chat.send('/echo and then')
      await screen.chat.answers.getByText('and then').waitFor()
      await screen.chat.waitForAnswer('done')
      expect(await screen.chat.answers.count()).toBe(2)
      expect(await screen.chat.answers.first().getAttribute('data-status')).toBe('done')
      expect(await textLength(screen.chat.answers.first())).toBeGreaterThan(400)
      expect(asked).toHaveLength(2)
    },
  )

  test('what fal took on before its name was known is a person’s to decide, after a reload', async () => {
    const asked = submits()
    const taken = new Promise<void>((resolve) => {
      let count = 0
      // fal accepts the first job, and the page never learns of it.
      void screen.page.route(/\/api\/fal\/proxy/, async (route) => {
        if (++count > 1) return route.continue()
        await route.fetch()
        resolve()
      })
    })
    await screen.chat.button('Durable').click()
    await screen.chat.send('/long 100')
    await taken
    await screen.reload()
    await screen.chat.waitForAnswer('interrupted')
    await screen.chat.answers.last().getByText('a retry may cost twice').waitFor()
    await screen.chat.ask('/echo and then')
    expect(asked).toHaveLength(2)
  })

  test('Enter and a reload in the same second lose nothing', async () => {
    for (const words of ['/echo one', '/echo two', '/echo three']) {
      // A page that is still fetching its storage's code keeps nothing yet; no hand is that quick.
      await screen.page.waitForLoadState('networkidle')
      const said = screen.chat.conversation.getByText(words, { exact: true }).first()
      await screen.chat.send(words)
      // A script that does not look would reload before IndexedDB has written, some 50 ms later.
      await said.waitFor()
      await screen.reload()
      await said.waitFor()
    }
  })

  test('Stop and Enter in one tick: one ends, the other is answered', async () => {
    await screen.chat.send('/long 2000')
    await screen.chat.waitForAnswer('streaming')
    await screen.chat.message.fill('/echo and then')
    await screen.chat.button('Stop').evaluate((stop: HTMLElement) => {
      stop.click()
      document.querySelector<HTMLFormElement>('form.composer')?.requestSubmit()
    })
    await screen.chat.answers.getByText('and then').waitFor()
    await screen.chat.waitForAnswer('done')
    expect(await screen.chat.answers.first().getAttribute('data-status')).toBe('stopped')
    expect(await waiting().count()).toBe(0)
  })

  test('what waits is there after a reload, waits for a person, and is sent or taken back', async () => {
    await screen.chat.send('/long 2000')
    await screen.chat.waitForAnswer('streaming')
    await screen.chat.send('/echo second')
    await screen.chat.send('/echo third')
    await expect.poll(() => readStorage(screen.page)).toContain('/echo third')
    await screen.reload()
    await expect.poll(() => waiting().getByRole('listitem').count()).toBe(2)
    await screen.chat.conversation.getByText('These wait for you').waitFor()
    await screen.shoot('waiting-after-reload')

    await screen.chat.message.fill('and a word')
    await waiting().getByRole('button', { name: 'Take back' }).last().click()
    await expect.poll(() => screen.chat.message.inputValue()).toBe('/echo third\n\nand a word')
    await screen.chat.conversation.getByText('This waits for you').waitFor()
    await waiting().getByRole('button', { name: 'Send now' }).click()
    await screen.chat.answers.getByText('second').waitFor()
    await screen.chat.waitForAnswer('done')
    await screen.chat.message.press('Enter')
    await screen.chat.answers.getByText('third').waitFor()
    expect(await screen.chat.questions.count()).toBe(3)
    expect(await waiting().count()).toBe(0)
  })

  test('a storage that is blocked stops nobody, and is shown while it is', async () => {
    await blockStorage(screen.page)
    await screen.reload()
    await screen.chat.ask('/echo all the same')
    await note().waitFor()
    await screen.chat.ask('/echo and on')
    expect(await note().isVisible()).toBe(true)
    await screen.shoot('storage-blocked')
  })

  test('a storage that is full is shown until there is room, and then everything is kept', async () => {
    await screen.chat.ask('/echo before')
    const makeRoom = await fillStorage(screen.page)
    await screen.chat.ask('/echo without room')
    await note().waitFor()
    await makeRoom()
    await screen.chat.ask('/echo with room')
    await note().waitFor({ state: 'detached' })
    // The answer itself, not the question that asks for it.
    await expect.poll(() => readStorage(screen.page)).toContain('"with room')
    await screen.reload()
    await screen.chat.answers.getByText('with room').waitFor()
    expect(await screen.chat.answers.count()).toBe(3)
  })

  test.each([
    ['slow', 800],
    ['silent for longer than it is waited for', 3500],
  ])('a storage that is %s keeps what was there and what is sent meanwhile', async (_, heldMs) => {
    await screen.chat.ask('/echo before')
    const other = await screen.openTab()
    const release = await holdStorage(other.page)
    await screen.reload()
    await screen.chat.conversation.getByText('Opening the conversation').waitFor()
    await screen.chat.send('/echo meanwhile')
    await screen.chat.conversation.getByText('/echo meanwhile').waitFor()
    if (heldMs < 2000) await waiting().getByText('/echo meanwhile').waitFor()
    else await note().waitFor()
    await screen.shoot(heldMs < 2000 ? 'storage-slow' : 'storage-silent')
    await other.page.waitForTimeout(heldMs < 2000 ? heldMs : 0)
    await release()
    await screen.chat.answers.getByText('before').waitFor()
    await screen.chat.answers.getByText('meanwhile').waitFor()
    await note().waitFor({ state: 'detached' })
    await expect.poll(() => readStorage(screen.page)).toContain('"meanwhile')
    await screen.reload()
    await screen.chat.answers.getByText('meanwhile').waitFor()
    expect(await screen.chat.questions.count()).toBe(2)
    expect(await screen.chat.answers.count()).toBe(2)
  })

  test('Regenerate asks the model that is chosen now', async () => {
    await screen.chat.ask('/echo one answer')
    await screen.page.getByRole('combobox', { name: 'Model' }).selectOption('openai/gpt-4o')
    await screen.chat.button('Regenerate').click()
    await screen.chat.conversation.getByText('2 / 2').waitFor()
    await screen.chat.waitForAnswer('done')
    const facts = screen.chat.answers.last().getByRole('definition')
    await expect.poll(() => facts.first().innerText()).toBe('gpt-4o')
  })
}

/** Collects what the pages submit to the queue from now on: the emulator is asked by nobody else. */
function watchSubmits(context: BrowserContext): readonly string[] {
  const submits: string[] = []
  context.on('request', (request) => {
    const target = request.headers()['x-fal-target-url'] ?? ''
    if (request.method() === 'POST' && target.includes('queue.fal.run')) submits.push(target)
  })
  return submits
}

/** The text of every message of a page. */
function allTexts(page: Page): Promise<readonly string[]> {
  return page.getByRole('article').locator('.bubble, .prose').allInnerTexts()
}
