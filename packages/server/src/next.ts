import type { FetchHandler } from './fetch-handler.ts'

/** The exports of a route file. */
export interface NextHandlers {
  readonly GET: FetchHandler
  readonly POST: FetchHandler
  readonly PUT: FetchHandler
  readonly OPTIONS: FetchHandler
}

/**
 * Turns a fetch handler into the exports of a Next.js route file (App Router):
 * `export const { GET, POST, PUT, OPTIONS } = toNextHandlers(createFalProxy({ … }))`.
 * In the Pages Router use `toNodeHandler` of "@fal-llm/server/node".
 */
export function toNextHandlers(handler: FetchHandler): NextHandlers {
  // Next passes a second argument that a fetch handler does not take.
  const route: FetchHandler = (request) => handler(request)
  return { GET: route, POST: route, PUT: route, OPTIONS: route }
}
