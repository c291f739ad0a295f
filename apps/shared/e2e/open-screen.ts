import { mkdir } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { chatPage } from './chat-page.ts'
import type { ChatPage } from './chat-page.ts'
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

/** What a demo app is, and where its images go. */
export interface DescribedChat {
  readonly framework: string
  /** A folder git ignores. */
  readonly artefacts: string
}

/** A demo in a browser; each test begins with a page of its own, as on a first visit. */
export interface Screen {
  readonly page: Page
  readonly chat: ChatPage
  readonly emulatorUrl: string
  /** Leaves the page and opens another one, with nothing stored. */
  reopen(options: BrowserContextOptions): Promise<void>
  /** Opens the same demo in another tab. */
  openTab(): Promise<{ readonly page: Page; readonly chat: ChatPage }>
  /** Loads the page again. */
  reload(): Promise<void>
  /** Lets the browser complain of what the rest of the test makes go wrong. */
  expectComplaints(pattern: RegExp): void
  /** Keeps an image of the page. */
  shoot(name: string): Promise<void>
}

/** Starts the demo and the browser for the tests around the call, and lets nothing pass that must not happen on a page. */
export function useScreen({ framework, artefacts }: DescribedChat): Screen {
  let demo: RunningDemo
  let browser: Browser
  let page: Page
  let chat: ChatPage
  let expected: readonly RegExp[] = []
  let problems: (readonly string[])[] = []

  const watch = (watched: Page): void => {
    const isExpected = (complaint: string) => expected.some((pattern) => pattern.test(complaint))
    const origins = [demo.chatUrl, demo.emulatorUrl]
    problems.push(watchPage(watched, { origins, isExpected }))
  }
  const visit = async (visited: Page): Promise<ChatPage> => {
    watch(visited)
    const opened = chatPage(visited)
    await visited.goto(demo.chatUrl)
    await opened.message.waitFor()
    return opened
  }
  const open = async (options: BrowserContextOptions = {}): Promise<void> => {
    const context = await browser.newContext({
      viewport: { width: 1024, height: 768 },
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    })
    page = await context.newPage()
    chat = await visit(page)
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
  beforeEach(async () => {
    expected = []
    problems = []
    await open()
  })
  afterEach(async () => {
    const seen = problems.flat()
    await page.context().close()
    expect(seen).toEqual([])
  })

  return {
    get page() {
      return page
    },
    get chat() {
      return chat
    },
    get emulatorUrl() {
      if (demo.emulatorUrl === undefined) throw new Error('The demo has no emulator')
      return demo.emulatorUrl
    },
    async reopen(options) {
      await page.context().close()
      await open(options)
    },
    async openTab() {
      const tab = await page.context().newPage()
      return { page: tab, chat: await visit(tab) }
    },
    async reload() {
      await page.reload()
      await chat.message.waitFor()
    },
    expectComplaints(pattern) {
      expected = [...expected, pattern]
    },
    async shoot(name) {
      await page.screenshot({ path: `${artefacts}/${name}.png` })
    },
  }
}
