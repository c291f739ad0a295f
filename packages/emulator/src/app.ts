// The routes: which host answers what. Hono routes by the address that the request means, as in
// "/queue.fal.run/fal-ai/any-llm".

import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { createFalRun } from './answers/fal-run.ts'
import { createReplay } from './answers/recordings.ts'
import type { Services } from './answers/services.ts'
import type { FaultPlan } from './faults/faults.ts'
import type { Authorizer } from './http/authorizer.ts'
import type { EmulatorContext, EmulatorEnv, Exchange } from './http/exchange.ts'
import { findEndpoint } from './http/find-endpoint.ts'
import { refusal } from './http/refusal.ts'
import { takeBody } from './http/take-body.ts'
import type { TokenSigner } from './http/token-signer.ts'
import { createTokenHandler } from './http/tokens.ts'
import type { Jobs } from './queue/jobs.ts'
import { toOpenApi } from './queue/openapi.ts'
import { createQueue } from './queue/queue.ts'
import type { WebhookSigner } from './queue/webhook-signer.ts'
import type { FileStore } from './storage/file-store.ts'
import { createFiles } from './storage/files.ts'
import { createStorage } from './storage/storage.ts'

/** Every header that a page of another origin may read. A wildcard does not work for requests with credentials. */
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

/** The parts that the routes need. */
export interface AppParts {
  readonly services: Services
  readonly jobs: Jobs
  readonly files: FileStore
  readonly tokenSigner: TokenSigner
  readonly signer: WebhookSigner
  readonly plan: FaultPlan
}

/** Creates the hono app that answers for fal's hosts. */
export function createApp(parts: AppParts): Hono<EmulatorEnv> {
  const { services, jobs, files, tokenSigner, signer, plan } = parts
  const { options, authorizer } = services
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
  app.get('/fal.run/health', (context) => context.json({ status: 'ok' }))
  app.use(takeBody(options.maxBodyBytes, plan))
  const replay = createReplay(options.replay)
  app.use((context, next) => {
    const replayed = replay(context.req.method, context.env)
    return replayed ? Promise.resolve(replayed) : next()
  })
  app.get('/fal.run', (context) => context.text(toWelcome(context.env.address.baseUrl)))
  app.all('/fal.run/*', createFalRun(services))
  app.all('/queue.fal.run/*', createQueue(services, jobs))
  app.all('/v3.fal.media/*', createFiles({ files, tokenSigner, authorizer }))
  app.get('/fal.ai/api/openapi/queue/openapi.json', ({ env: { address, accept } }) => {
    const id = address.query.get('endpoint_id') ?? ''
    accept()
    return Response.json(toOpenApi(findEndpoint(options.endpoints, id, id)))
  })
  app.get('/rest.fal.ai/.well-known/jwks.json', ({ env }) => {
    env.accept()
    return Response.json(signer.jwks)
  })
  routeAccount(
    app,
    authorizer,
    createTokenHandler(tokenSigner),
    createStorage(files, tokenSigner, options.clock),
  )
  app.notFound(() => refusal(404, 'Not Found').getResponse())
  app.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse()
    console.error(error)
    return refusal(500, 'Internal Server Error').getResponse()
  })
  return app
}

/** The routes of rest.fal.ai that need a key. */
function routeAccount(
  app: Hono<EmulatorEnv>,
  authorizer: Authorizer,
  makeToken: (context: EmulatorContext) => Response,
  storage: ReturnType<typeof createStorage>,
): void {
  const routes = {
    '/tokens': makeToken,
    '/tokens/realtime': makeToken,
    '/storage/upload/initiate': storage.initiate,
    '/storage/upload/initiate-multipart': storage.initiate,
    '/storage/auth/token': storage.makeToken,
  }
  for (const [path, handle] of Object.entries(routes)) {
    app.post(`/rest.fal.ai${path}`, (context) => {
      authorizer.authorizeAccount(context)
      return handle(context)
    })
  }
}

/** The route that hono matches: the host and path that the request means, not the URL that was called. */
function toRoute(env: unknown): string {
  // The emulator passes an Exchange to hono, which does not know its type here.
  const { address } = env as Exchange
  return `/${address.host}${address.path}`
}

function toWelcome(baseUrl: string): string {
  return [
    'This is the fal emulator. Try:',
    '',
    `curl ${baseUrl}/fal.run/fal-ai/any-llm/stream -H 'authorization: Key any:key' \\`,
    `  -H 'content-type: application/json' -d '{"prompt": "/help"}'`,
    '',
  ].join('\n')
}
