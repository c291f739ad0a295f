// Decides which pages may call. A browser sends a preflight before it sends x-fal-target-url to another origin. Without a list
// no preflight is allowed, so no page of another origin can call. With a list, its pages are allowed, and every other page is
// refused even where its browser sent no preflight.

import { refuse } from './call/refuse.ts'
import { toCaller, toFal } from './upstream/header-lists.ts'

/** Whether a call may pass, with the headers for its answer, or the answer itself. */
export type OriginVerdict =
  | { readonly kind: 'pass'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'answer'; readonly response: Response }

/** Checks the `Origin` of a call. */
export type OriginCheck = (request: Request) => OriginVerdict

const exposedHeaders = [...toCaller, 'x-request-id', 'ratelimit', 'ratelimit-policy'].join(', ')
const allowedHeaders = [
  'accept',
  'authorization',
  'content-type',
  'x-fal-target-url',
  'x-request-id',
  ...toFal,
]
const headerNames = /^[a-z0-9-]+(\s*,\s*[a-z0-9-]+)*$/i

/**
 * Creates the check. Calls without an `Origin`, as servers make them, pass.
 *
 * @throws TypeError for an entry that is no origin, such as one with a path.
 */
export function createOriginCheck(allowedOrigins: readonly string[] | undefined): OriginCheck {
  if (!allowedOrigins) return () => ({ kind: 'pass', headers: {} })
  const allowed = new Set(allowedOrigins.map(toOrigin))
  return (request) => {
    const origin = request.headers.get('origin')
    if (origin === null) return { kind: 'pass', headers: { vary: 'origin' } }
    if (!allowed.has(origin)) {
      const detail = 'pages of this origin may not call (allowedOrigins)'
      return { kind: 'answer', response: refuse(403, detail, { vary: 'origin' }) }
    }
    const headers = {
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': exposedHeaders,
    }
    const isPreflight =
      request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
    if (!isPreflight) return { kind: 'pass', headers }
    return { kind: 'answer', response: toPreflight(request, headers) }
  }
}

function toPreflight(request: Request, headers: Readonly<Record<string, string>>): Response {
  const wanted = request.headers.get('access-control-request-headers') ?? ''
  const isPlain = wanted.length <= 1_024 && headerNames.test(wanted)
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      'access-control-allow-methods': 'GET, POST, PUT',
      // The page is on the list, so its app may send headers of its own, such as one for its session.
      'access-control-allow-headers': isPlain ? wanted : allowedHeaders.join(', '),
      'access-control-max-age': '600',
    },
  })
}

function toOrigin(entry: string): string {
  const origin = URL.canParse(entry) ? new URL(entry).origin : 'null'
  if (origin !== 'null' && origin === entry) return origin
  throw new TypeError(
    `allowedOrigins: "${entry}" is no origin; write it as in "https://app.example", without a path or a star`,
  )
}
