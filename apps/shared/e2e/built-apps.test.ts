// Each app, built and served with a key in the environment: is the key in anything that leaves the server, and does a
// page load @fal-ai/client before anything asked for it?

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startEmulator } from '@fal-llm/emulator'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { chatPage } from './chat-page.ts'
import { findChromium } from './find-chromium.ts'

const secret = 'f00dfacef00dfacef00dface'
const key = `0a1b2c3d-known-fake-key:${secret}`
/** The key as it is, and as it may have been written. */
const marks = [secret, '0a1b2c3d-known-fake-key', Buffer.from(key).toString('base64')]
/** What only @fal-ai/client says. */
const clientMark = 'storage/upload/initiate'
const apps = fileURLToPath(new URL('../..', import.meta.url))

test.each(['react', 'vue', 'svelte'])(
  'rule 12: nothing of the %s app that leaves the server holds the key, and @fal-ai/client waits for its use',
  async (framework) => {
    const app = resolve(apps, `${framework}-chat`)
    const folder = await mkdtemp(join(tmpdir(), 'fal-llm-build-'))
    // Lets nothing but this key in: an answer shows that the proxy used it.
    const emulator = await startEmulator({ keys: [key] })
    onTestFinished(async () => {
      await emulator.close()
      await rm(folder, { recursive: true })
    })
    const environment = { FAL_KEY: key, FAL_BASE_URL: emulator.url }
    const seen: string[] = []

    const built = await runVite(app, ['build', '--outDir', folder], environment)
    expect(await built.ended).toBe(0)
    seen.push(...built.lines)
    const files = await readAll(folder)
    expect(files.size).toBeGreaterThan(3)
    seen.push(...files.values())
    const withClient = [...files].filter(([, text]) => text.includes(clientMark))
    expect(withClient).not.toEqual([])
    const early = loadedFirst(files)
    expect(early.length).toBeGreaterThan(0)
    expect(withClient.filter(([name]) => early.includes(name))).toEqual([])

    const served = await runVite(app, ['preview', '--outDir', folder, '--port', '0'], environment)
    onTestFinished(served.stop)
    await usePage(await served.url, seen)
    await served.stop()
    seen.push(...served.lines)

    expect(seen.filter((text) => marks.some((mark) => text.includes(mark)))).toEqual([])
  },
)

async function readAll(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    files.set(file.name, await readFile(join(file.parentPath, file.name), 'latin1'))
  }
  return files
}

/** The scripts of the page and what they import at once. */
function loadedFirst(files: ReadonlyMap<string, string>): readonly string[] {
  const page = files.get('index.html') ?? ''
  const found = new Set([...page.matchAll(/assets\/([\w-]+\.js)/g)].map(([, name = '']) => name))
  for (const name of found) {
    const statically = /(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g
    for (const [, next = ''] of (files.get(name) ?? '').matchAll(statically)) found.add(next)
  }
  return [...found]
}

/** Talks as a person does and keeps what the page got, said and stored. */
async function usePage(url: string, seen: string[]): Promise<void> {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage()
    const bodies: Promise<unknown>[] = []
    page.on('console', (message) => seen.push(message.text()))
    page.on('pageerror', (error) => seen.push(String(error.stack)))
    page.on('request', (request) => {
      seen.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '')
    })
    page.on('response', (response) => {
      seen.push(JSON.stringify(response.headers()))
      // A redirect and an answer to OPTIONS have none.
      const body = response.body().catch(() => Buffer.alloc(0))
      bodies.push(body.then((bytes) => seen.push(bytes.toString('latin1'))))
    })
    const chat = chatPage(page)
    await page.goto(url)
    await chat.ask('/echo hello')
    await chat.send('/error something broke')
    await chat.waitForAnswer('error')
    await chat.button('Durable').click()
    await chat.ask('/echo through the queue')
    await page.reload()
    await chat.answers.getByText('through the queue').waitFor()
    await Promise.all(bodies)
    expect(seen.some((text) => text.includes('through the queue'))).toBe(true)
    const stored = await readStored(page)
    expect(stored).toContain('through the queue')
    seen.push(stored, await page.content())
  } finally {
    await browser.close()
  }
}

/** All that a page keeps between two visits. */
function readStored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((done, fail) => {
        request.addEventListener('success', () => done(request.result))
        request.addEventListener('error', () => fail(request.error))
      })
    const found: unknown[] = [{ ...localStorage }, { ...sessionStorage }, document.cookie]
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name))
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store)
        found.push(await settled(objects.getAllKeys()), await settled(objects.getAll()))
      }
      database.close()
    }
    return JSON.stringify(found)
  })
}

async function runVite(app: string, words: readonly string[], environment: NodeJS.ProcessEnv) {
  const vite = resolve(app, 'node_modules/vite/bin/vite.js')
  const { NODE_ENV: _mode, VITEST: _vitest, ...rest } = process.env
  const child = spawn(
    process.execPath,
    ['--conditions=@fal-llm/source', '--import', 'tsx', vite, ...words],
    {
      cwd: app,
      env: { ...rest, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const lines: string[] = []
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code)
  const url = new Promise<string>((found, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        lines.push(line)
        const address = /http:\/\/(?:127\.0\.0\.1|localhost):\d+\//.exec(line)?.[0]
        if (address) found(address)
      })
    }
    void ended.then(() => fail(new Error(`vite ended:\n${lines.join('\n')}`)))
  })
  // A build has no address.
  url.catch(() => {})
  return {
    lines,
    url,
    ended,
    async stop() {
      child.kill()
      await ended
    },
  }
}
