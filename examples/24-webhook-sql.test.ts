import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFalWebhookHandler } from '@fal-llm/server'
import { toNodeHandler } from '@fal-llm/server/node'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { deliver, startDeliveries } from './deliver-webhooks.ts'
import type { Deliveries } from './deliver-webhooks.ts'

let fal: Deliveries
let example: typeof import('./24-webhook-sql.ts')

beforeAll(async () => {
  fal = await startDeliveries()
  vi.stubEnv('FAL_USER_ID', 'emulator')
  vi.stubEnv('FAL_JWKS_URL', fal.jwksUrl)
  example = await import('./24-webhook-sql.ts')
  return async () => {
    vi.unstubAllEnvs()
    await fal.close()
    await example.database.close()
  }
  // A database that has to be compiled first takes a busy machine long.
}, 120_000)

async function listen(handler: typeof example.webhook): Promise<string> {
  const server = createServer(toNodeHandler(handler))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A listening TCP server has an address object.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('24-webhook-sql: each answer is in the table once, over two servers of one database', async () => {
  const { claims, database, webhook } = example
  const worked: string[] = []
  const second = createFalWebhookHandler({
    claims,
    jwksUrl: fal.jwksUrl,
    onEvent: ({ requestId }) => void worked.push(requestId),
  })
  const urls = [await listen(webhook), await listen(second)]
  const deliveries = [await fal.next(), await fal.next(), await fal.next()]
  await Promise.all(
    deliveries.flatMap((delivery) =>
      [...urls, ...urls, ...urls].map((url) => deliver(url, delivery)),
    ),
  )
  const { rows } = await database.query<{ request_id: string; answer: { output: string } }>(
    'select request_id, answer from answers',
  )
  for (const { answer } of rows) expect(answer.output).toBe('hi')
  const all = [...rows.map((row) => row.request_id), ...worked]
  expect(all.toSorted()).toEqual(deliveries.map(({ requestId }) => requestId).toSorted())
  for (const delivery of deliveries) {
    for (const url of urls) expect(await deliver(url, delivery)).toBe(200)
  }
})

it("24-webhook-sql: a claim ends by itself, and nobody ends another's", async () => {
  const { claims, database } = example
  expect(await claims.claim('R1', 'a')).toBe('claimed')
  expect(await claims.claim('R1', 'b')).toBe('busy')
  await database.query("update webhook_claims set claimed_at = now() - interval '121 seconds'")
  const again = await Promise.all(['b', 'c'].map((owner) => claims.claim('R1', owner)))
  expect(again.toSorted()).toEqual(['busy', 'claimed'])
  await claims.release('R1', 'a')
  expect(await claims.claim('R1', 'd')).toBe('busy')
  await claims.release('R1', again[0] === 'claimed' ? 'b' : 'c')
  expect(await claims.claim('R1', 'd')).toBe('claimed')
  await claims.complete('R1', 'd')
  await database.query("update webhook_claims set claimed_at = now() - interval '121 seconds'")
  expect(await claims.claim('R1', 'e')).toBe('done')
})
