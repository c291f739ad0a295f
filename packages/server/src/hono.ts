import type { FetchHandler } from './fetch-handler.ts'

/** The part of Hono's context that is needed. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
}

/**
 * Turns a fetch handler into a Hono handler: `app.all('/api/fal/proxy', toHonoHandler(proxy))`. Never throws.
 */
export function toHonoHandler(handler: FetchHandler): (context: HonoContext) => Promise<Response> {
  return (context) => handler(context.req.raw)
}
