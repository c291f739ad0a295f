import { expect, it } from 'vitest'

it.each([
  [
    '.',
    () => import('./index.ts'),
    [
      'FalWebhookError',
      'createFalProxy',
      'createFalWebhookHandler',
      'createMemoryClaims',
      'createMemoryRateLimit',
      'toFalRequestId',
      'verifyFalWebhook',
      'withClientAddress',
    ],
  ],
  ['./node', () => import('./node.ts'), ['toNodeHandler']],
  ['./next', () => import('./next.ts'), ['toNextHandlers']],
  ['./hono', () => import('./hono.ts'), ['toHonoHandler']],
  ['./sveltekit', () => import('./sveltekit.ts'), ['toSvelteKitHandlers']],
  ['./nuxt', () => import('./nuxt.ts'), ['toNuxtHandler']],
] as const)('door %s exports what it promises and nothing else', async (_door, load, names) => {
  expect(Object.keys(await load()).toSorted()).toEqual(names)
})
