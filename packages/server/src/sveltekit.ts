import { withClientAddress } from './client-address.ts'
import type { FetchHandler } from './fetch-handler.ts'

/** The part of SvelteKit's event that is needed. */
export interface SvelteKitEvent {
  readonly request: Request
  /** Holds the incoming message where adapter-node runs the app. */
  readonly platform?: unknown
  getClientAddress?(): string
}

/** A request handler of a `+server` file. */
export type SvelteKitHandler = (event: SvelteKitEvent) => Promise<Response>

/** The exports of a `+server` file. */
export interface SvelteKitHandlers {
  readonly GET: SvelteKitHandler
  readonly POST: SvelteKitHandler
  readonly PUT: SvelteKitHandler
  readonly OPTIONS: SvelteKitHandler
}

/**
 * Turns a fetch handler into the exports of a SvelteKit `+server` file:
 * `export const { GET, POST, PUT, OPTIONS } = toSvelteKitHandlers(createFalProxy({ … }))`.
 */
export function toSvelteKitHandlers(handler: FetchHandler): SvelteKitHandlers {
  const route: SvelteKitHandler = async (event) => {
    const { request } = event
    const address = addressOf(event)
    const socket = socketOf(event.platform)
    if (!socket) return handler(withClientAddress(request, address))
    // adapter-node cancels an answer when its caller leaves, but does nothing when the caller leaves before the answer began.
    const gone = new AbortController()
    const leave = (): void => gone.abort()
    socket.on('close', leave)
    request.signal.addEventListener('abort', leave)
    try {
      const watched = new Request(request, { signal: gone.signal })
      return await handler(withClientAddress(watched, address))
    } finally {
      socket.off('close', leave)
    }
  }
  return { GET: route, POST: route, PUT: route, OPTIONS: route }
}

// SvelteKit throws where its adapter does not know the address.
function addressOf(event: SvelteKitEvent): string | undefined {
  try {
    return event.getClientAddress?.()
  } catch {
    return undefined
  }
}

interface Socket {
  on(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
}

function socketOf(platform: unknown): Socket | undefined {
  // Only adapter-node has `req`, and it is an IncomingMessage.
  return (platform as { req?: { socket?: Socket } } | undefined)?.req?.socket
}
