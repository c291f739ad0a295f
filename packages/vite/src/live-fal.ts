import { createFalProxy } from '@fal-llm/server'
import type { FetchHandler } from '@fal-llm/server'
import { isOwnHost } from './own-host.ts'
import { toPageOrigin } from './page-origin.ts'
import type { Access } from './read-access.ts'

/**
 * Creates the proxy that calls fal with a key, for pages of its own origin only: a page of somebody else's may not spend.
 *
 * @param allowedHosts The names of this server besides localhost and addresses, as Vite's option of that name has them.
 * @throws TypeError for an address of fal that is none.
 */
export function createLiveFal(
  { key, baseUrl }: Access,
  allowedHosts: true | readonly string[],
  report: (problem: string) => void,
): FetchHandler {
  const proxy = createFalProxy({
    // Who develops is the only caller.
    allowAnonymous: true,
    allowUploads: true,
    // At fal the limit per minute stays, for an effect that runs in circles costs money; elsewhere it costs nothing.
    ...(baseUrl !== undefined && { limit: false }),
    ...(key !== undefined && { credentials: key }),
    ...(baseUrl !== undefined && { baseUrl }),
    onError: (error, stage) =>
      report(`${stage}: ${error instanceof Error ? error.message : error}`),
  })
  return async (request) => {
    if (!isOwnHost(new URL(request.url).hostname, allowedHosts)) {
      return refuse('this host is none of the server’s own: add it to allowedHosts in vite.config')
    }
    return toPageOrigin(request) === undefined
      ? refuse('pages of another origin may not spend on this FAL_KEY')
      : proxy(request)
  }
}

function refuse(detail: string): Response {
  return Response.json({ detail: `fal-llm: ${detail}` }, { status: 403 })
}
