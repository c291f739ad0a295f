// What a user may spend: ten answers a minute, one cheap model, a thousand tokens each, a dollar in all. Who the user is
// is read from a session that the server made, not from a header that anybody can write.

import { createFalProxy } from '@fal-llm/server'
import type { RateLimitState } from '@fal-llm/server'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Yours: whatever your app signs people in with. The cookie is a random id, the user stays on the server. */
const sessions = new Map<string, { userId: string }>()
export function signIn(userId: string): string {
  const id = crypto.randomUUID()
  sessions.set(id, { userId })
  return `session=${id}; Path=/; HttpOnly; Secure; SameSite=Lax`
}

// For several machines: new RateLimiterRedis({ storeClient: new Redis(), points: 10, duration: 60 })
const points = 10
const limiter = new RateLimiterMemory({ points, duration: 60 })
const spentUsd = new Map<string, number>()

export const proxy = createFalProxy({
  authorize: ({ headers }) => {
    const id = /(?:^|; )session=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? ''
    return sessions.get(id) ?? false
  },
  limit: async (userId): Promise<RateLimitState | false> => {
    if ((spentUsd.get(userId) ?? 0) >= 1) return false
    const taken: unknown = await limiter.consume(userId).catch((refused: unknown) => refused)
    if (!(taken instanceof RateLimiterRes)) throw taken
    const { consumedPoints, remainingPoints: remaining, msBeforeNext: resetMs } = taken
    return {
      allowed: consumedPoints <= points,
      limit: points,
      remaining,
      resetMs,
      windowMs: 60_000,
    }
  },
  onRequest: ({ input }) => {
    input.model = 'google/gemini-2.5-flash-lite'
    input.max_tokens = Math.min(Number(input.max_tokens ?? 1000), 1000)
  },
  onFinished: ({ userId = '', costUsd = 0 }) => {
    spentUsd.set(userId, (spentUsd.get(userId) ?? 0) + costUsd)
  },
})
