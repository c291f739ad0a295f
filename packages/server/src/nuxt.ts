import type { FetchHandler } from './fetch-handler.ts'
import { toNodeHandler } from './node.ts'
import type { NodeRequest, NodeResponse } from './node.ts'

/** The part of an h3 event that is needed: h3 1 (Nuxt 3 and 4) on Node or at the edge, h3 2 everywhere. */
export interface NuxtEvent {
  readonly node?: { readonly req: NodeRequest; readonly res: NodeResponse } | undefined
  readonly web?: { readonly request?: Request | undefined } | undefined
  readonly req?: unknown
}

/** An event handler of a server route. */
export type NuxtHandler = (event: NuxtEvent) => Promise<Response | void>

/**
 * Turns a fetch handler into a Nuxt server route: `export default toNuxtHandler(createFalProxy({ … }))`.
 * On Node it writes the answer itself, because h3 1 does not notice that the caller left.
 * Rejects with a TypeError for an event that holds neither a request nor Node's objects.
 */
export function toNuxtHandler(handler: FetchHandler): NuxtHandler {
  const onNode = toNodeHandler(handler)
  return (event) => {
    const request = event.web?.request ?? event.req
    if (request instanceof Request) return handler(request)
    if (event.node) return onNode(event.node.req, event.node.res)
    return Promise.reject(new TypeError('This is no h3 event: it has neither a request nor node'))
  }
}
