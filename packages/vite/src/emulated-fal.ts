import type { Emulator } from '@fal-llm/emulator'
import { createFalProxy } from '@fal-llm/server'
import type { FetchHandler } from '@fal-llm/server'
import { emulatorOf } from './emulator-of.ts'
import { toPageOrigin } from './page-origin.ts'

/** Where the proxy believes the emulator to be; nothing listens there. */
const nowhere = 'http://localhost'
const filesHost = '/v3.fal.media/'

/**
 * Creates the proxy whose calls an emulator answers, in this process and without a port. The addresses it hands out for
 * uploads and files lie below `route`, so that the page that asked can follow them.
 */
export function createEmulatedFal(
  root: string,
  route: string,
  report: (problem: string) => void,
): FetchHandler {
  return async (request) => {
    const emulator = await emulatorOf(root)
    const { mount, path } = split(request, route)
    if (path.startsWith(filesHost)) return serveFile(emulator, mount, path, request)
    if (path !== '' && path !== '/') {
      return Response.json({ detail: `fal-llm: nothing lies at ${path}` }, { status: 404 })
    }
    // Made per call, because the addresses depend on it: it keeps nothing between two calls that have no limits.
    const proxy = createFalProxy({
      allowAnonymous: true,
      allowUploads: true,
      limit: false,
      limitFollowUps: false,
      maxInFlight: 0,
      credentials: 'emulator:any',
      baseUrl: nowhere,
      fetch: (url, init) => {
        const asked = new Request(mount.origin + String(url).slice(nowhere.length), init)
        return emulator.fetch(behind(mount, asked))
      },
      onError: (error, stage) =>
        report(`${stage}: ${error instanceof Error ? error.message : error}`),
    })
    return proxy(request)
  }
}

/** How a page reaches what is mounted: "http://localhost:5173" and "/api/fal/proxy", the base of the page before it. */
interface Mount {
  readonly origin: string
  readonly prefix: string
}

function split(request: Request, route: string): { mount: Mount; path: string } {
  const { origin, pathname, search } = new URL(request.url)
  const end = pathname.indexOf(route) + route.length
  return {
    mount: { origin: toPageOrigin(request) ?? origin, prefix: pathname.slice(0, end) },
    path: pathname.slice(end) + search,
  }
}

async function serveFile(
  emulator: Emulator,
  mount: Mount,
  path: string,
  request: Request,
): Promise<Response> {
  const answer = await emulator.fetch(behind(mount, new Request(mount.origin + path, request)))
  // A file lies on the origin of the page here, not on a host of its own: it must not run as a part of it.
  answer.headers.set('content-security-policy', 'sandbox')
  answer.headers.set('x-content-type-options', 'nosniff')
  return answer
}

function behind({ prefix }: Mount, request: Request): Request {
  request.headers.set('x-forwarded-prefix', prefix)
  return request
}
