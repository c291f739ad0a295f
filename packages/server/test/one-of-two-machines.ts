// One of two machines behind a load balancer, as a process of its own: limits in Redis, job ids under a shared secret.
// Prints its address, ends with its parent.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { createFalProxy } from '../src/index.ts'
import type { RateLimitState } from '../src/index.ts'
import { toNodeHandler } from '../src/node.ts'

const { REDIS_SOCKET: path = '', FAL_URL: baseUrl = '', SECRETS: jobIdSecret = '' } = process.env
const limit = 10
const storeClient = new Redis({ path })
const limiter = new RateLimiterRedis({ storeClient, points: limit, duration: 60 })

const proxy = createFalProxy({
  credentials: 'a-fake-key-id:a-fake-key-secret',
  baseUrl,
  jobIdSecret: jobIdSecret.split(' '),
  authorize: ({ headers }) => ({ userId: headers.get('authorization') ?? 'nobody' }),
  limit: async (userId): Promise<RateLimitState> => {
    const taken: unknown = await limiter.consume(userId).catch((refused: unknown) => refused)
    if (!(taken instanceof RateLimiterRes)) throw taken
    const { remainingPoints: remaining, msBeforeNext: resetMs, consumedPoints } = taken
    return { allowed: consumedPoints <= limit, limit, remaining, resetMs, windowMs: 60_000 }
  },
})
const server = createServer(toNodeHandler(proxy))
server.listen(0, '127.0.0.1', () => {
  // A listening TCP server has an address object.
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.on('disconnect', () => process.exit())
