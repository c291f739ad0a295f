import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmulator } from '@fal-llm/emulator'
import { createServer } from 'vite'
import { frameworks } from './frameworks.ts'
import type { Framework } from './frameworks.ts'
import { freePortOr0 } from './free-port.ts'
import type { DemoOptions } from './parse-demo-arguments.ts'
import { serveSideBySide } from './serve-side-by-side.ts'

/** A running demo. */
export interface Demo {
  readonly chatUrl: string
  /** undefined when the chat talks to fal itself. */
  readonly emulatorUrl: string | undefined
  close(): Promise<void>
}

interface Part {
  readonly url: string
  close(): Promise<unknown>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How the emulator talks: as a quick model does. */
const pace = { tokensPerSecond: 80, firstTokenMs: 350 }

/** Starts what a demo needs and resolves when each part has answered a request. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const emulator = options.live ? undefined : await startFal(options.emulatorPort)
  setEnvironment({
    FAL_BASE_URL: emulator?.url,
    FAL_PROXY_URL: options.proxyUrl,
    ...(emulator && { FAL_KEY: 'emulator:demo' }),
  })
  const chat = await startChat(options)
  return {
    chatUrl: chat.url,
    emulatorUrl: emulator?.url,
    async close() {
      await Promise.all([chat.close(), emulator?.close()])
    },
  }
}

// What the apps' servers read when they start.
function setEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}

async function startFal(port: number): Promise<Part> {
  const emulator = await startEmulator({ ...pace, port: await freePortOr0(port) })
  await expectAnswer(`${emulator.url}/health`)
  return emulator
}

async function startChat({ frameworks: names, port, watch }: DemoOptions): Promise<Part> {
  const [first, ...others] = names
  if (first === undefined) throw new Error('There is no app to start')
  if (others.length === 0) return startApp(first, port, watch)
  const apps = await Promise.all(names.map((name) => startApp(name, 0, watch)))
  const panes = names.map((title, index) => ({ title, url: apps[index]?.url ?? '' }))
  const page = await serveSideBySide(panes, await freePortOr0(port))
  await expectAnswer(page.url)
  return {
    url: page.url,
    close: () => Promise.all([page, ...apps].map((part) => part.close())),
  }
}

async function startApp(framework: Framework, port: number, watch: boolean): Promise<Part> {
  const app = resolve(root, frameworks[framework])
  const server = await createServer({
    root: app,
    configFile: resolve(app, 'vite.config.ts'),
    logLevel: 'error',
    clearScreen: false,
    server: {
      host: '127.0.0.1',
      port: await freePortOr0(port),
      // Not null: Vite passes over it where the app has settings for its server.
      ...(!watch && { watch: { ignored: ['**'] } }),
    },
  })
  await server.listen()
  const url = server.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('The chat has no address')
  await expectAnswer(url)
  return { url, close: () => server.close() }
}

async function expectAnswer(url: string): Promise<void> {
  const answer = await fetch(url, { headers: { accept: 'text/html' } })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
}
