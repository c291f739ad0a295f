import { createAdaptorServer } from '@hono/node-server'
import { createEmulator } from './app.ts'
import type { Emulator } from './app.ts'
import { createListener } from './listener.ts'
import type { EmulatorOptions } from './options.ts'

/** Where an emulator listens, besides how it behaves. */
export interface ServeOptions extends EmulatorOptions {
  /** Default 0: any free one. */
  readonly port?: number
  /** Default "127.0.0.1": nobody else on the network. */
  readonly hostname?: string
}

/** A listening emulator. */
export interface RunningEmulator extends Omit<Emulator, 'fetch'> {
  /** "http://127.0.0.1:PORT": the `baseUrl` of a client, and FAL_BASE_URL. */
  readonly url: string
  readonly port: number
  /** Stops at once: open connections are cut. */
  close(): Promise<void>
}

/** A kept-alive connection that a client is about to use again must not go away under its hands. */
const keepAliveMs = 75_000

/**
 * Starts an emulator on a port and resolves once it answers.
 *
 * @throws Error that names the port when it is taken; RangeError for an option that cannot be meant.
 */
export async function startEmulator(options: ServeOptions = {}): Promise<RunningEmulator> {
  const { hostname = '127.0.0.1' } = options
  const emulator = createEmulator(options)
  const server = createAdaptorServer({
    // The process is a guest's: its Request and Response stay as they are.
    overrideGlobalObjects: false,
    serverOptions: { keepAliveTimeout: keepAliveMs },
    fetch: (request) => emulator.fetch(request),
  })
  const listener = createListener(server, hostname)
  const port = await listener.listen(options.port ?? 0)
  return {
    url: `http://${hostname}:${port}`,
    port,
    requests: emulator.requests,
    get active() {
      return emulator.active
    },
    until: emulator.until,
    close: listener.close,
  }
}
