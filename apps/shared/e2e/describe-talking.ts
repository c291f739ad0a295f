import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { countChanges, textLength, waitForWords, watchGrowth } from './answer-probes.ts'
import type { Screen } from './open-screen.ts'

/** Asking, answering, and saying it again: what a chat is for. */
export function describeTalking(screen: Screen): void {
  test('shows the answer while it grows, then what it took', async () => {
    await screen.chat.send('/long 120')
    const lengths = await watchGrowth(screen.chat.answers.last())
    expect(lengths.length).toBeGreaterThanOrEqual(3)
    expect(lengths).toEqual(lengths.toSorted((left, right) => left - right))
    await screen.chat.waitForAnswer('done')
    const facts = screen.chat.answers.last().getByRole('definition')
    expect(await facts.allTextContents()).toEqual([
      'gemini-2.5-flash',
      expect.stringMatching(/^\d+\.\d+ s$/),
      expect.stringMatching(/\d tok\/s$/),
      expect.stringMatching(/\$/),
    ])
  })

  test('rule 5: Stop keeps what was written', async () => {
    await screen.chat.send('/long 2000')
    await expect.poll(() => textLength(screen.chat.answers.last())).toBeGreaterThan(60)
    await screen.chat.button('Stop').click()
    await screen.chat.waitForAnswer('stopped')
    const length = await textLength(screen.chat.answers.last())
    expect(length).toBeGreaterThan(60)
    await screen.chat.send('/echo and on')
    await screen.chat.waitForAnswer('done')
    expect(await textLength(screen.chat.answers.first())).toBe(length)
  })

  test('Escape stops as well', async () => {
    await screen.chat.send('/long 2000')
    await screen.chat.waitForAnswer('streaming')
    await screen.page.keyboard.press('Escape')
    await screen.chat.waitForAnswer('stopped')
  })

  test('regenerates as another version and keeps both', async () => {
    await screen.chat.send('/echo one answer')
    await screen.chat.waitForAnswer('done')
    await screen.chat.button('Regenerate').click()
    await screen.chat.conversation.getByText('2 / 2').waitFor()
    await screen.chat.waitForAnswer('done')
    await screen.chat.button('Previous version').click()
    await screen.chat.conversation.getByText('1 / 2').waitFor()
    expect(await screen.chat.button('Previous version').isDisabled()).toBe(true)
    await screen.chat.button('Next version').click()
    await screen.chat.conversation.getByText('2 / 2').waitFor()
    expect(await screen.chat.button('Next version').isDisabled()).toBe(true)
    expect(await screen.chat.answers.count()).toBe(1)
  })

  test('edits a question as another version and keeps both', async () => {
    await screen.chat.send('/echo before')
    await screen.chat.waitForAnswer('done')
    await screen.chat.button('Edit').click()
    const editor = screen.page.getByRole('textbox', { name: 'Edited text' })
    await editor.fill('/echo after')
    await editor.press('Enter')
    await expect.poll(() => hasFocus(screen.chat.message)).toBe(true)
    await screen.chat.answers.getByText('after').waitFor()
    await screen.chat.waitForAnswer('done')
    await screen.chat.button('Previous version').click()
    await screen.chat.answers.getByText('before').waitFor()
    await screen.chat.button('Edit').click()
    await editor.press('Escape')
    await expect.poll(() => hasFocus(screen.chat.message)).toBe(true)
  })

  test('Enter sends, Shift+Enter begins a line, and an input method keeps its Enter', async () => {
    await screen.chat.message.fill('one')
    await screen.chat.message.press('Shift+Enter')
    await screen.page.keyboard.type('two')
    expect(await screen.chat.message.inputValue()).toBe('one\ntwo')
    await screen.chat.message.dispatchEvent('keydown', {
      key: 'Enter',
      isComposing: true,
      bubbles: true,
    })
    expect(await screen.chat.questions.count()).toBe(0)
    await screen.chat.message.press('Enter')
    await screen.chat.waitForAnswer('done')
    expect(await screen.chat.questions.last().innerText()).toContain('one\ntwo')
    expect(await screen.chat.message.inputValue()).toBe('')
  })

  test('lets a message wait while an answer is being written', async () => {
    await screen.chat.send('/long 600')
    await screen.chat.waitForAnswer('streaming')
    await screen.chat.send('/echo second')
    await screen.chat.send('/echo third')
    const waiting = screen.page.getByRole('list', { name: 'Waiting to be sent' })
    await expect.poll(() => waiting.getByRole('listitem').count()).toBe(2)
    await waiting.getByRole('button', { name: 'Take back' }).last().click()
    await screen.chat.answers.getByText('second').waitFor()
    expect(await screen.chat.questions.count()).toBe(2)
  })

  test('folds the reasoning away', async () => {
    await screen.chat.send('/reason\n/echo the answer')
    await screen.chat.waitForAnswer('done')
    const reasoning = screen.chat.answers.last().getByText('The user asked to see reasoning.')
    expect(await reasoning.isVisible()).toBe(false)
    await screen.chat.answers.last().getByText('Reasoning', { exact: true }).click()
    expect(await reasoning.isVisible()).toBe(true)
  })

  test('offers models by vendor, premium ones marked, and asks the chosen one', async () => {
    await screen.page.getByRole('combobox', { name: 'Endpoint' }).selectOption('fal-ai/any-llm')
    const models = screen.page.getByRole('combobox', { name: 'Model' })
    const vendors = await models.evaluate((select) =>
      [...select.querySelectorAll('optgroup')].map((group) => group.label),
    )
    expect(vendors).toEqual(['Anthropic', 'DeepSeek', 'Google', 'Meta Llama', 'OpenAI'])
    expect(await models.getByRole('option', { name: 'premium' }).count()).toBeGreaterThan(5)
    await models.selectOption('openai/gpt-4o')
    await screen.chat.send('Hello')
    await screen.chat.waitForAnswer('done')
    expect(await screen.chat.answers.last().getByRole('definition').first().innerText()).toBe(
      'gpt-4o',
    )
  })

  test('copies a message as Markdown, and code as code', async () => {
    await screen.chat.send('/echo **bold**\n```ts\nconst a = 1\n```')
    await screen.chat.waitForAnswer('done')
    await screen.chat.answers.last().getByRole('button', { name: 'Copy', exact: true }).click()
    await expect.poll(() => readClipboard(screen.page)).toContain('**bold**')
    await screen.chat.button('Copy code').click()
    await expect.poll(() => readClipboard(screen.page)).toBe('const a = 1\n')
  })

  test('follows the answer until its reader scrolls up', async () => {
    await screen.chat.send('/long 600')
    await expect.poll(() => distanceToEnd(screen.chat.conversation)).toBeLessThan(40)
    await expect.poll(() => scrollTop(screen.chat.conversation)).toBeGreaterThan(200)
    await expect.poll(() => distanceToEnd(screen.chat.conversation)).toBeLessThan(40)
    await screen.chat.conversation.hover()
    await screen.page.mouse.wheel(0, -400)
    await screen.chat.button('Jump to latest').waitFor()
    await waitForWords(screen.chat.answers.last(), 100)
    const top = await scrollTop(screen.chat.conversation)
    await waitForWords(screen.chat.answers.last(), 100)
    expect(await scrollTop(screen.chat.conversation)).toBe(top)
    await screen.chat.button('Jump to latest').click()
    await expect.poll(() => distanceToEnd(screen.chat.conversation)).toBeLessThan(40)
  })

  test('touches no other row, and no finished paragraph, while an answer is written', async () => {
    await screen.chat.send('/echo the first answer')
    await screen.chat.waitForAnswer('done')
    await screen.chat.send('/long 300')
    const paragraphs = screen.chat.answers.last().getByRole('paragraph')
    await expect.poll(() => paragraphs.count()).toBeGreaterThan(1)
    const changes = await Promise.all([
      countChanges(screen.chat.questions.first()),
      countChanges(screen.chat.answers.first()),
      countChanges(screen.chat.questions.last()),
      countChanges(paragraphs.first()),
    ])
    await screen.chat.waitForAnswer('done')
    expect(await Promise.all(changes.map((count) => count()))).toEqual([0, 0, 0, 0])
  })

  test.each([
    '<img src=x onerror="alert(1)">',
    '<script>alert(1)</script>',
    '[click](javascript:alert(1))',
    '![pixel](https://evil.example/pixel.png)',
    '<iframe src="https://evil.example"></iframe><svg onload=alert(1)>',
  ])('lets no script and no foreign image in: %s', async (attack) => {
    await screen.chat.send(`/echo before ${attack} after`)
    await screen.chat.waitForAnswer('done')
    await screen.chat.answers.last().getByText('before').waitFor()
    const forbidden = screen.chat.answers.last().locator('img, script, iframe, object')
    expect(await forbidden.count()).toBe(0)
  })
}

function scrollTop(scroller: Locator): Promise<number> {
  return scroller.evaluate((element) => element.scrollTop)
}

function distanceToEnd(scroller: Locator): Promise<number> {
  return scroller.evaluate(
    (element) => element.scrollHeight - element.scrollTop - element.clientHeight,
  )
}

function readClipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText())
}

function hasFocus(element: Locator): Promise<boolean> {
  return element.evaluate((node) => node === document.activeElement)
}
