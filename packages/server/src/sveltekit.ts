import type { FetchHandler } from './fetch-handler.ts'

/** A request handler of a `+server` file. */
export type SvelteKitHandler = (event: { readonly request: Request }) => Promise<Response>

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
  const route: SvelteKitHandler = ({ request }) => handler(request)
  return { GET: route, POST: route, PUT: route }
}
