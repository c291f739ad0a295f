import type { AddressInfo, Server, Socket } from 'node:net'

/** A server that can be closed at once and opened again. */
export interface Listener {
  /**
   * Resolves with the port once the server accepts connections.
   *
   * @throws Error that says what to do when the port is taken.
   */
  listen(port: number): Promise<number>
  /**
   * Closes, and listens on the same port again after a while. Resolves when it does, or when it was closed meanwhile.
   */
  restart(downMs: number): Promise<void>
  /** Stops listening and cuts every connection. */
  close(): Promise<void>
}

/** Creates a listener for a server that does not listen yet. */
export function createListener(
  server: Pick<Server, 'on' | 'off' | 'listen' | 'close' | 'address'>,
  hostname: string,
): Listener {
  const sockets = new Set<Socket>()
  let port = 0
  let restarting: Promise<void> | undefined
  let isClosed = false
  let wakeUp = (): void => {}
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    // A client may reset its connection; without a listener that error would end the process.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  const open = (wantedPort: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => reject(explain(error, wantedPort))
      server.on('error', fail)
      server.listen(wantedPort, hostname, () => {
        server.off('error', fail)
        // A listening TCP server has an address with a port.
        port = (server.address() as AddressInfo).port
        resolve(port)
      })
    })
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return {
    listen: open,
    restart(downMs) {
      restarting ??= (async () => {
        await shut()
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, isClosed ? 0 : downMs)
          wakeUp = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        if (!isClosed) await open(port)
        restarting = undefined
      })()
      return restarting
    },
    async close() {
      isClosed = true
      wakeUp()
      await shut()
      await restarting
    },
  }
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error
  return new Error(`Port ${port} is taken. Use --port 0 for any free one, or name another.`, {
    cause: error,
  })
}
