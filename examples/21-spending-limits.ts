// What a user may spend: ten answers a minute, one cheap model, a thousand tokens each.

import { createFalProxy } from '@fal-llm/server'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

// For several machines: new RateLimiterRedis({ storeClient: redis, points: 10, duration: 60 })
const limiter = new RateLimiterMemory({ points: 10, duration: 60 })

export const proxy = createFalProxy({
  authorize: ({ headers }) => ({ userId: headers.get('x-user') ?? 'guest' }),
  limit: async (userId) => {
    const refused: unknown = await limiter.consume(userId).then(
      () => undefined,
      (reason) => reason,
    )
    if (refused === undefined) return true
    if (refused instanceof RateLimiterRes) return { retryAfterMs: refused.msBeforeNext }
    throw refused
  },
  onRequest: ({ input }) => {
    input.model = 'google/gemini-2.5-flash-lite'
    input.max_tokens = Math.min(Number(input.max_tokens ?? 1000), 1000)
  },
})
