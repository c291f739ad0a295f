// Webhooks on any number of machines: an event is claimed in Redis, and one machine does its work.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFalWebhookHandler } from '@fal-llm/server'
import type { WebhookClaims } from '@fal-llm/server'
import { toNodeHandler } from '@fal-llm/server/node'
import { Redis } from 'ioredis'

export const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')

/** Longer than the longest work takes: a machine that stops in the middle gives its events up after this. */
const claimSeconds = 120
/** Longer than fal delivers again. */
const doneSeconds = 7 * 24 * 3600

const keyOf = (id: string): string => `fal:webhook:${id}`
const deleteIfEqual =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

/** Redis 7 or newer: before that, NX and GET do not go together. */
export const claims: WebhookClaims = {
  async claim(id, owner) {
    const before = await redis.set(keyOf(id), owner, 'EX', claimSeconds, 'NX', 'GET')
    if (before === null) return 'claimed'
    return before === 'done' ? 'done' : 'busy'
  },
  complete: (id) => redis.set(keyOf(id), 'done', 'EX', doneSeconds),
  // Only its own: after a long pause the claim may be another machine's.
  release: (id, owner) => redis.eval(deleteIfEqual, 1, keyOf(id), owner),
}

const webhook = createFalWebhookHandler({
  claims,
  // Anyone with an account of fal can have fal sign a call to this address. Without the variable it does not start.
  expectedUserId: process.env.FAL_USER_ID ?? '',
  onEvent: async ({ requestId, payload }) => {
    await redis.rpush('answers', JSON.stringify({ requestId, payload }))
  },
  onError: (error) => console.error(error),
  ...(process.env.FAL_JWKS_URL !== undefined && { jwksUrl: process.env.FAL_JWKS_URL }),
})

export const server = createServer(toNodeHandler(webhook))
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  // A listening TCP server has an address object.
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.once('SIGTERM', () => {
  server.close(() => redis.disconnect())
})
