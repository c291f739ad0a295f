import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmulator } from '@fal-llm/emulator'
import { createServer } from 'vite'
import { frameworks } from './frameworks.ts'
import { freePortOr0 } from './free-port.ts'
import type { DemoOptions } from './parse-demo-arguments.ts'

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
  if (emulator) {
    process.env['FAL_BASE_URL'] = emulator.url
    process.env['FAL_KEY'] = 'emulator:demo'
  } else {
    delete process.env['FAL_BASE_URL']
  }
  const chat = await startApp(options)
  return {
    chatUrl: chat.url,
    emulatorUrl: emulator?.url,
    async close() {
      await Promise.all([chat.close(), emulator?.close()])
    },
  }
}

async function startFal(port: number): Promise<Part> {
  const emulator = await startEmulator({ ...pace, port: await freePortOr0(port) })
  await expectAnswer(`${emulator.url}/health`)
  return emulator
}

async function startApp({ framework, port, watch }: DemoOptions): Promise<Part> {
  const app = resolve(root, frameworks[framework])
  const server = await createServer({
    root: app,
    configFile: resolve(app, 'vite.config.ts'),
    logLevel: 'error',
    clearScreen: false,
    server: {
      host: '127.0.0.1',
      port: await freePortOr0(port),
      ...(!watch && { watch: null }),
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
