import type { AddressInfo, Server, Socket } from 'node:net'

/** A server that can be closed at once and opened again. */
export interface Listener {
  /**
   * Resolves with the port once the server accepts connections.
   *
   * @throws Error that says what to do when the port is taken.
   */
  listen(port: number): Promise<number>
  /** Stops listening and cuts every connection. */
  close(): Promise<void>
}

/** Creates a listener for a server that nobody listens with yet. */
export function createListener(
  server: Pick<Server, 'on' | 'off' | 'listen' | 'close' | 'address'>,
  hostname: string,
): Listener {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    // A client that goes away with a reset is no news here.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  return {
    listen(port) {
      return new Promise((resolve, reject) => {
        const fail = (error: NodeJS.ErrnoException): void => reject(explain(error, port))
        server.on('error', fail)
        server.listen(port, hostname, () => {
          server.off('error', fail)
          // A listening TCP server has an address with a port.
          resolve((server.address() as AddressInfo).port)
        })
      })
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
    },
  }
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error
  return new Error(`Port ${port} is taken. Use --port 0 for any free one, or name another.`, {
    cause: error,
  })
}
