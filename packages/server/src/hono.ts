import { withClientAddress } from './client-address.ts'
import type { FetchHandler } from './fetch-handler.ts'
import { toFields } from './json.ts'

/** The part of Hono's context that is needed. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  /** Holds the incoming message where Hono runs on Node. */
  readonly env?: unknown
}

/**
 * Turns a fetch handler into a Hono handler: `app.all('/api/fal/proxy', toHonoHandler(proxy))`.
 */
export function toHonoHandler(handler: FetchHandler): (context: HonoContext) => Promise<Response> {
  return ({ req: { raw }, env }) => handler(withClientAddress(raw, addressOf(env)))
}

function addressOf(env: unknown): string | undefined {
  // Only @hono/node-server has `incoming`, and it is an IncomingMessage.
  const { socket } = toFields(toFields(env)['incoming'])
  const { remoteAddress } = toFields(socket)
  return typeof remoteAddress === 'string' ? remoteAddress : undefined
}
