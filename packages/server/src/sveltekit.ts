import type { FetchHandler } from './fetch-handler.ts'

/** The part of SvelteKit's event that is needed. */
export interface SvelteKitEvent {
  readonly request: Request
  /** On adapter-node the incoming message is in here. */
  readonly platform?: unknown
}

/** A request handler of a `+server` file. */
export type SvelteKitHandler = (event: SvelteKitEvent) => Promise<Response>

/** The exports of a `+server` file. */
export interface SvelteKitHandlers {
  readonly GET: SvelteKitHandler
  readonly POST: SvelteKitHandler
  readonly PUT: SvelteKitHandler
}

/**
 * Turns a fetch handler into the exports of a SvelteKit `+server` file. Never throws.
 * `export const { GET, POST, PUT } = toSvelteKitHandlers(createFalProxy({ … }))`.
 */
export function toSvelteKitHandlers(handler: FetchHandler): SvelteKitHandlers {
  const route: SvelteKitHandler = async ({ request, platform }) => {
    const socket = socketOf(platform)
    if (!socket) return handler(request)
    // adapter-node cancels an answer whose reader left, but tells nobody that one left before it began.
    const gone = new AbortController()
    const leave = (): void => gone.abort()
    socket.on('close', leave)
    request.signal.addEventListener('abort', leave)
    try {
      return await handler(new Request(request, { signal: gone.signal }))
    } finally {
      socket.off('close', leave)
    }
  }
  return { GET: route, POST: route, PUT: route }
}

interface Socket {
  on(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
}

function socketOf(platform: unknown): Socket | undefined {
  // Only adapter-node has `req`, and it is an IncomingMessage.
  return (platform as { req?: { socket?: Socket } } | undefined)?.req?.socket
}
