import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { createActivity } from './activity.ts'
import { parseAddress } from './address.ts'
import type { FalAddress } from './address.ts'
import { createDoorkeeper } from './authorize.ts'
import { nameCall } from './call-name.ts'
import type { Connection, EmulatorEnv, Exchange } from './exchange.ts'
import { createFalRun } from './fal-run.ts'
import { resolveOptions } from './options.ts'
import type { EmulatorOptions } from './options.ts'
import { refusal } from './refusal.ts'
import { createRequestLog, toLogEntry } from './request-log.ts'
import type { LoggedRequest } from './request-log.ts'
import { takeBody } from './take-body.ts'

/** fal's HTTP interface as a function: no socket, no key, no network. */
export interface Emulator {
  /**
   * Answers a request to any of fal's hosts. Never rejects.
   *
   * @param connection What a fault may do to the socket; without one, cutting ends the body with an error.
   */
  fetch(request: Request, connection?: Connection): Promise<Response>
  /** What arrived, oldest first, `/health` and preflights aside. */
  readonly requests: readonly LoggedRequest[]
  /** Answers being written right now; 0 after every client has gone. */
  readonly active: number
  /** Resolves as soon as the condition holds: `until(() => emulator.active === 0)`. */
  until(condition: () => boolean): Promise<void>
}

const idHeader = 'x-fal-request-id'

/** Every header a browser may read across origins; a wildcard would not count with credentials. */
const exposedHeaders = [
  'x-fal-request-id',
  'x-fal-request-timeout-type',
  'x-fal-error-type',
  'x-fal-billable-units',
  'x-fal-needs-retry',
  'x-fal-retryable',
  'x-fal-served-from',
  'retry-after',
  'etag',
]

/**
 * Creates an emulator.
 *
 * @throws RangeError for an option that cannot be meant.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const resolved = resolveOptions(options)
  const { clock } = resolved
  const activity = createActivity()
  const log = createRequestLog(resolved.maxLoggedRequests, activity.changed)
  const doorkeeper = createDoorkeeper(resolved.keys)
  const services = { options: resolved, activity, doorkeeper }

  const app = new Hono<EmulatorEnv>({ getPath: (_request, context) => toRoute(context?.env) })
  app.use(
    cors({
      origin: (origin) => origin || '*',
      credentials: true,
      allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
      exposeHeaders: exposedHeaders,
      maxAge: 600,
    }),
  )
  app.use(takeBody(resolved.maxBodyBytes))
  app.get('/fal.run/health', (context) => context.json({ status: 'ok' }))
  app.get('/fal.run', (context) => context.text(toWelcome(context.env.address.origin)))
  app.all('/fal.run/*', createFalRun(services))
  app.notFound(() => refusal(404, 'Not Found').getResponse())
  app.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse()
    console.error(error)
    return refusal(500, 'Internal Server Error').getResponse()
  })
  return {
    async fetch(request, connection) {
      const address = parseAddress(request)
      const requestId = resolved.createId()
      const call = nameCall(request.method, address)
      const note = isLogged(request.method, address)
        ? log.add(toLogEntry(request, address, { requestId, call, receivedAt: clock.now() }))
        : () => {}
      const accept = (): void => note({ accepted: call })
      const exchange: Exchange = { address, call, requestId, connection, accept, note }
      const response = await app.fetch(request, exchange)
      if (!response.headers.has(idHeader)) response.headers.set(idHeader, requestId)
      note({ status: response.status })
      return response
    },
    requests: log.requests,
    get active() {
      return activity.active
    },
    until: activity.until,
  }
}

/** Hono routes by the host and path that were meant, not by the URL that was called. */
function toRoute(env: unknown): string {
  // What `fetch` below hands to hono; hono does not know its type here.
  const { address } = env as Exchange
  return `/${address.host}${address.path}`
}

function isLogged(method: string, { path, mapsHosts }: FalAddress): boolean {
  return method !== 'OPTIONS' && (mapsHosts || path !== '/health')
}

function toWelcome(origin: string): string {
  return [
    'This is the fal emulator. Try:',
    '',
    `curl ${origin}/fal.run/fal-ai/any-llm/stream -H 'authorization: Key any:key' \\`,
    `  -H 'content-type: application/json' -d '{"prompt": "/help"}'`,
    '',
  ].join('\n')
}
