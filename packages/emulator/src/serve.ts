import type { ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { HttpBindings } from '@hono/node-server'
import { createEmulator } from './emulator.ts'
import type { Emulator } from './emulator.ts'
import type { Connection } from './faults/connection.ts'
import { createListener } from './http/listener.ts'
import type { EmulatorOptions } from './options.ts'

/** How an emulator behaves, and where it listens. */
export interface ServeOptions extends EmulatorOptions {
  /** Default 0: any free one. */
  readonly port?: number
  /** Default "127.0.0.1": only this machine can connect. */
  readonly hostname?: string
}

/** A listening emulator. */
export interface RunningEmulator extends Omit<Emulator, 'fetch' | 'close'> {
  /** "http://127.0.0.1:PORT": the `baseUrl` of a client, and FAL_BASE_URL. */
  readonly url: string
  readonly port: number
  /**
   * Closes the server and every connection, and listens on the same port again; jobs are kept. Resolves when it listens.
   */
  restart(downMs?: number): Promise<void>
  /** Stops at once; open connections are cut. */
  close(): Promise<void>
}

/** Long, because a client must not lose a kept-alive connection at the moment it sends the next request on it. */
const keepAliveMs = 75_000

/**
 * Starts an emulator on a port and resolves once it answers.
 *
 * @throws Error that names the port when it is taken; RangeError for an option that is out of range.
 */
export async function startEmulator(options: ServeOptions = {}): Promise<RunningEmulator> {
  const { hostname = '127.0.0.1' } = options
  const emulator = createEmulator(options)
  const restart = (downMs: number): Promise<void> => listener.restart(downMs)
  const server = createAdaptorServer({
    // The process belongs to the caller, so the global Request and Response are not replaced.
    overrideGlobalObjects: false,
    serverOptions: { keepAliveTimeout: keepAliveMs },
    fetch: (request, bindings) =>
      // An HTTP/1 server hands over HTTP/1's objects.
      emulator.fetch(request, toConnection((bindings as HttpBindings).outgoing, restart)),
  })
  const listener = createListener(server, hostname)
  const port = await listener.listen(options.port ?? 0)
  return {
    url: `http://${hostname}:${port}`,
    port,
    requests: emulator.requests,
    faults: emulator.faults,
    get active() {
      return emulator.active
    },
    queue: emulator.queue,
    get storedBytes() {
      return emulator.storedBytes
    },
    until: emulator.until,
    restart: (downMs = 0) => restart(downMs),
    async close() {
      emulator.close()
      await listener.close()
    },
  }
}

/** Each way to break the connection waits until what was written has been sent. */
function toConnection(
  { socket }: ServerResponse,
  restart: (downMs: number) => Promise<void>,
): Connection {
  return {
    reset: () => socket?.write('', () => socket.resetAndDestroy()),
    drop: () => socket?.write('', () => socket.destroy()),
    restart: (downMs) => void restart(downMs),
  }
}
