import { mkdir } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chatPage } from './chat-page.ts'
import type { ChatPage } from './chat-page.ts'
import { readContrasts } from './contrast.ts'
import { findChromium } from './find-chromium.ts'
import { runDemo } from './run-demo.ts'
import type { RunningDemo } from './run-demo.ts'
import { watchPage } from './watch-page.ts'

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What a demo app is, and where its pictures go. */
export interface DescribedChat {
  readonly framework: string
  /** A folder git ignores. */
  readonly artefacts: string
}

/** What every demo app does, whatever it is written in: in a real browser, against the emulator. */
export function describeChat({ framework, artefacts }: DescribedChat): void {
  describe(`the ${framework} chat`, () => {
    let demo: RunningDemo
    let browser: Browser
    let page: Page
    let chat: ChatPage
    let problems: readonly string[]

    async function open(options: BrowserContextOptions = {}): Promise<void> {
      const context = await browser.newContext({
        viewport: { width: 1024, height: 768 },
        permissions: ['clipboard-read', 'clipboard-write'],
        ...options,
      })
      page = await context.newPage()
      problems = watchPage(page)
      chat = chatPage(page)
      await page.goto(demo.chatUrl)
      await chat.message.waitFor()
    }

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: findChromium(), args: browserArguments })
      demo = await runDemo([framework, '--port', '0', '--emulator-port', '0', '--no-watch'])
      await mkdir(artefacts, { recursive: true })
    })
    afterAll(async () => {
      await browser?.close()
      await demo?.stop()
    })
    beforeEach(() => open())
    afterEach(async () => {
      const seen = [...problems]
      await page.context().close()
      expect(seen).toEqual([])
    })

    test('shows the answer while it grows, then what it took', async () => {
      await chat.say('/long 120')
      const lengths = await watchGrowth(chat.answers.last())
      expect(lengths.length).toBeGreaterThanOrEqual(3)
      expect(lengths).toEqual(lengths.toSorted((left, right) => left - right))
      await chat.waitForAnswer('done')
      const facts = chat.answers.last().getByRole('definition')
      expect(await facts.allTextContents()).toEqual([
        'gemini-2.5-flash',
        expect.stringMatching(/^\d+\.\d+ s$/),
        expect.stringMatching(/\d tok\/s$/),
        expect.stringMatching(/\$/),
      ])
    })

    test('rule 5: Stop keeps what was written', async () => {
      await chat.say('/long 2000')
      await expect.poll(() => textLength(chat.answers.last())).toBeGreaterThan(60)
      await chat.button('Stop').click()
      await chat.waitForAnswer('stopped')
      const length = await textLength(chat.answers.last())
      expect(length).toBeGreaterThan(60)
      await chat.say('/echo and on')
      await chat.waitForAnswer('done')
      expect(await textLength(chat.answers.first())).toBe(length)
    })

    test('Escape stops as well', async () => {
      await chat.say('/long 2000')
      await chat.waitForAnswer('streaming')
      await page.keyboard.press('Escape')
      await chat.waitForAnswer('stopped')
    })

    test('regenerates as another version and keeps both', async () => {
      await chat.say('/echo one answer')
      await chat.waitForAnswer('done')
      await chat.button('Regenerate').click()
      await chat.conversation.getByText('2 / 2').waitFor()
      await chat.waitForAnswer('done')
      await chat.button('Previous version').click()
      await chat.conversation.getByText('1 / 2').waitFor()
      expect(await chat.button('Previous version').isDisabled()).toBe(true)
      await chat.button('Next version').click()
      await chat.conversation.getByText('2 / 2').waitFor()
      expect(await chat.button('Next version').isDisabled()).toBe(true)
      expect(await chat.answers.count()).toBe(1)
    })

    test('edits a question as another version and keeps both', async () => {
      await chat.say('/echo before')
      await chat.waitForAnswer('done')
      await chat.button('Edit').click()
      const editor = page.getByRole('textbox', { name: 'Edited text' })
      await editor.fill('/echo after')
      await editor.press('Enter')
      await chat.answers.getByText('after').waitFor()
      await chat.waitForAnswer('done')
      await chat.button('Previous version').click()
      await chat.answers.getByText('before').waitFor()
    })

    test('shows a failure on its message, in a sentence, with Retry', async () => {
      await chat.say('/error the disk is full')
      await chat.waitForAnswer('error')
      const answer = chat.answers.last()
      const sentence = answer.getByText('The provider could not finish the answer.')
      await sentence.click()
      await answer.getByText('the disk is full').waitFor()
      await answer.getByRole('button', { name: 'Retry' }).click()
      await chat.waitForAnswer('error')
      await chat.say('/echo never mind')
      await chat.waitForAnswer('done')
    })

    test('Enter sends, Shift+Enter begins a line, and an input method keeps its Enter', async () => {
      await chat.message.fill('one')
      await chat.message.press('Shift+Enter')
      await page.keyboard.type('two')
      expect(await chat.message.inputValue()).toBe('one\ntwo')
      await chat.message.dispatchEvent('keydown', {
        key: 'Enter',
        isComposing: true,
        bubbles: true,
      })
      expect(await chat.questions.count()).toBe(0)
      await chat.message.press('Enter')
      await chat.waitForAnswer('done')
      expect(await chat.questions.last().innerText()).toContain('one\ntwo')
      expect(await chat.message.inputValue()).toBe('')
    })

    test('lets a message wait while an answer is being written', async () => {
      await chat.say('/long 250')
      await chat.waitForAnswer('streaming')
      await chat.say('/echo second')
      await chat.say('/echo third')
      const waiting = page.getByRole('list', { name: 'Waiting to be sent' })
      await expect.poll(() => waiting.getByRole('listitem').count()).toBe(2)
      await waiting.getByRole('button', { name: 'Take back' }).last().click()
      await chat.answers.getByText('second').waitFor()
      expect(await chat.questions.count()).toBe(2)
    })

    test('folds the reasoning away', async () => {
      await chat.say('/reason\n/echo the answer')
      await chat.waitForAnswer('done')
      const reasoning = chat.answers.last().getByText('The user asked to see reasoning.')
      expect(await reasoning.isVisible()).toBe(false)
      await chat.answers.last().getByText('Reasoning', { exact: true }).click()
      expect(await reasoning.isVisible()).toBe(true)
    })

    test('offers models by vendor, premium ones marked, and asks the one that is picked', async () => {
      await page.getByRole('combobox', { name: 'Endpoint' }).selectOption('fal-ai/any-llm')
      const models = page.getByRole('combobox', { name: 'Model' })
      const vendors = await models.evaluate((select) =>
        [...select.querySelectorAll('optgroup')].map((group) => group.label),
      )
      expect(vendors).toEqual(['Anthropic', 'DeepSeek', 'Google', 'Meta Llama', 'OpenAI'])
      expect(await models.getByRole('option', { name: 'premium' }).count()).toBeGreaterThan(5)
      await models.selectOption('openai/gpt-4o')
      await chat.say('Hello')
      await chat.waitForAnswer('done')
      expect(await chat.answers.last().getByRole('definition').first().innerText()).toBe('gpt-4o')
    })

    test('copies a message as Markdown, and code as code', async () => {
      await chat.say('/echo **bold**\n```ts\nconst a = 1\n```')
      await chat.waitForAnswer('done')
      await chat.answers.last().getByRole('button', { name: 'Copy', exact: true }).click()
      await expect.poll(() => readClipboard(page)).toContain('**bold**')
      await chat.button('Copy code').click()
      await expect.poll(() => readClipboard(page)).toBe('const a = 1\n')
    })

    test('follows the answer until its reader scrolls up', async () => {
      await chat.say('/long 600')
      await expect.poll(() => distanceToEnd(chat.conversation)).toBeLessThan(40)
      await expect.poll(() => scrollTop(chat.conversation)).toBeGreaterThan(200)
      await expect.poll(() => distanceToEnd(chat.conversation)).toBeLessThan(40)
      await chat.conversation.hover()
      await page.mouse.wheel(0, -400)
      await chat.button('Jump to latest').waitFor()
      await waitForWords(chat.answers.last(), 100)
      const top = await scrollTop(chat.conversation)
      await waitForWords(chat.answers.last(), 100)
      expect(await scrollTop(chat.conversation)).toBe(top)
      await chat.button('Jump to latest').click()
      await expect.poll(() => distanceToEnd(chat.conversation)).toBeLessThan(40)
    })

    test('touches no other row, and no finished paragraph, while an answer is written', async () => {
      await chat.say('/echo the first answer')
      await chat.waitForAnswer('done')
      await chat.say('/long 300')
      const paragraphs = chat.answers.last().getByRole('paragraph')
      await expect.poll(() => paragraphs.count()).toBeGreaterThan(1)
      const changes = await Promise.all([
        countChanges(chat.questions.first()),
        countChanges(chat.answers.first()),
        countChanges(chat.questions.last()),
        countChanges(paragraphs.first()),
      ])
      await chat.waitForAnswer('done')
      expect(await Promise.all(changes.map((count) => count()))).toEqual([0, 0, 0, 0])
    })

    test.each([
      '<img src=x onerror="alert(1)">',
      '<script>alert(1)</script>',
      '[click](javascript:alert(1))',
      '![pixel](https://evil.example/pixel.png)',
      '<iframe src="https://evil.example"></iframe><svg onload=alert(1)>',
    ])('lets no script and no foreign picture in: %s', async (attack) => {
      await chat.say(`/echo before ${attack} after`)
      await chat.waitForAnswer('done')
      await chat.answers.last().getByText('before').waitFor()
      const forbidden = chat.answers.last().locator('img, script, iframe, object')
      expect(await forbidden.count()).toBe(0)
    })

    test('tells a screen reader when it is busy', async () => {
      const isBusy = () => chat.conversation.getAttribute('aria-busy')
      expect(await isBusy()).toBe('false')
      await chat.say('/long 600')
      await page.getByRole('status').getByText('The model is answering').waitFor()
      expect(await isBusy()).toBe('true')
      await chat.button('Stop').click()
      await chat.waitForAnswer('stopped')
      expect(await isBusy()).toBe('false')
    })

    test('remembers the theme that was chosen', async () => {
      await page.emulateMedia({ colorScheme: 'light' })
      const light = await pageColour(page)
      await chat.button('Dark theme').click()
      expect(await pageColour(page)).not.toBe(light)
      await page.reload()
      await chat.message.waitFor()
      expect(await chat.button('Dark theme').getAttribute('aria-pressed')).toBe('true')
      expect(await pageColour(page)).not.toBe(light)
    })

    test.each(['light', 'dark'] as const)('can be read: AA contrast, %s', async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      const contrasts = await readContrasts(page)
      for (const { pair, ratio } of contrasts) expect(ratio, pair).toBeGreaterThanOrEqual(4.5)
    })

    describe.each([
      { name: 'phone', viewport: { width: 360, height: 740 }, hasTouch: true },
      { name: 'desktop', viewport: { width: 1440, height: 900 }, hasTouch: false },
    ])('on a $name', ({ name, viewport, hasTouch }) => {
      test.each(['light', 'dark'] as const)('fits the screen, %s', async (colorScheme) => {
        await page.context().close()
        await open({ viewport, hasTouch, colorScheme })
        await page.screenshot({ path: `${artefacts}/${name}-${colorScheme}-empty.png` })
        await chat.say('/markdown')
        await expect.poll(() => textLength(chat.answers.last())).toBeGreaterThan(420)
        await page.screenshot({ path: `${artefacts}/${name}-${colorScheme}-streaming.png` })
        await chat.waitForAnswer('done')
        await page.screenshot({ path: `${artefacts}/${name}-${colorScheme}-done.png` })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
        const column = await chat.answers.last().boundingBox()
        expect(column?.width).toBeLessThanOrEqual(viewport.width)
      })
    })
  })
}

/** The lengths a growing answer was seen at. */
async function watchGrowth(answer: Locator): Promise<readonly number[]> {
  const lengths = new Set<number>()
  await answer.waitFor()
  for (;;) {
    const [status, length] = await answer.evaluate(
      (element) => [element.dataset['status'], element.textContent.length] as const,
    )
    if (status === 'streaming') lengths.add(length)
    else if (status !== 'pending') return [...lengths]
  }
}

function textLength(answer: Locator): Promise<number> {
  return answer.evaluate((element) => element.textContent.length)
}

/** Counts what happens to an element's content from now on. */
async function countChanges(element: Locator): Promise<() => Promise<number>> {
  const counter = await element.evaluateHandle((node) => {
    const changes = { count: 0 }
    const observer = new MutationObserver((records) => {
      changes.count += records.length
    })
    observer.observe(node, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
    return changes
  })
  return () => counter.evaluate((changes) => changes.count)
}

async function waitForWords(answer: Locator, characters: number): Promise<void> {
  const length = await textLength(answer)
  await expect.poll(() => textLength(answer)).toBeGreaterThan(length + characters)
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

function pageColour(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor)
}
