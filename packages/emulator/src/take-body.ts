import type { MiddlewareHandler } from 'hono'
import type { FalAddress } from './address.ts'
import type { EmulatorEnv } from './exchange.ts'
import { readBody } from './read-body.ts'
import { refusal } from './refusal.ts'
import { toLoggedBody } from './request-log.ts'

/** Creates the middleware that reads a request's body once, for everyone after it. */
export function takeBody(maxBytes: number): MiddlewareHandler<EmulatorEnv> {
  return async (context, next) => {
    const { address, note } = context.env
    const bytes = hasJsonBody(context.req.method, address)
      ? await readBody(context.req.raw, maxBytes)
      : undefined
    const body = new TextDecoder().decode(bytes)
    note({ body: toLoggedBody(body) })
    if (address.problem) throw refusal(address.problem.status, address.problem.detail)
    context.set('body', body)
    await next()
  }
}

function hasJsonBody(method: string, { host }: FalAddress): boolean {
  return method === 'POST' && host !== 'v3.fal.media'
}
