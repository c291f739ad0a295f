import { defineEndpoint, endpoints } from '@fal-llm/core/endpoints'
import { expectTypeOf, test } from 'vitest'
import { createFalProxy, createFalWebhookHandler, verifyFalWebhook } from './index.ts'
import type { FalProxyOptions, FetchHandler, WebhookEvent } from './index.ts'

test('a proxy is a fetch handler, and takes what its options say', () => {
  expectTypeOf(createFalProxy()).toExtend<FetchHandler>()
  createFalProxy({
    credentials: () => Promise.resolve(undefined),
    authorize: async (request) => (request.url === '' ? false : { userId: 'ann' }),
    endpoints: ['openrouter/router', 'my-team/my-app', defineEndpoint(endpoints['fal-ai/any-llm'])],
    limit: () => ({ retryAfterMs: 1 }),
    onRequest: ({ input, userId }) => {
      expectTypeOf(userId).toEqualTypeOf<string | undefined>()
      input.max_tokens = 10
    },
  })
})

test('what would open the proxy by mistake does not compile', () => {
  // @ts-expect-error A session object is no verdict: it would be truthy for anyone.
  createFalProxy({ authorize: () => ({ session: null }) })
  // @ts-expect-error undefined is what a forgotten return gives.
  createFalProxy({ authorize: () => undefined })
  // @ts-expect-error A limiter's result object is no verdict.
  createFalProxy({ limit: () => ({ remainingPoints: 0 }) })
  // @ts-expect-error There is no such option.
  expectTypeOf<FalProxyOptions>().toHaveProperty('allowedUrlPatterns')
})

test('a webhook event has the payload its endpoint has', () => {
  expectTypeOf(verifyFalWebhook<{ output: string }>).returns.resolves.toEqualTypeOf<
    WebhookEvent<{ output: string }>
  >()
})

test('a webhook event says whose it is', () => {
  expectTypeOf<WebhookEvent['userId']>().toEqualTypeOf<string>()
})

test('claims answer one of three words', () => {
  const rest = { complete: () => {}, release: () => {} }
  createFalWebhookHandler({ onEvent: () => {}, claims: { claim: () => 'busy', ...rest } })
  // @ts-expect-error A boolean cannot say whether the event is done or only taken.
  createFalWebhookHandler({ onEvent: () => {}, claims: { claim: () => true, ...rest } })
  // @ts-expect-error What an environment variable may be is no account.
  createFalWebhookHandler({ onEvent: () => {}, expectedUserId: undefined })
})
