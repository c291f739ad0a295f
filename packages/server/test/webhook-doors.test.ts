import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { createFalWebhookHandler } from '../src/index.ts'
import type { WebhookEvent, WebhookHandlerOptions } from '../src/index.ts'
import { hosts } from './hosts.ts'
import type { Host } from './hosts.ts'
import { signedWebhook, vectorKey } from './signed-webhook.ts'

/** With spaces that a parser would take out. */
const body = '{"request_id": "R1", "status": "OK", "payload": {"output": "héllo"}}'

async function start(host: Host, options: Partial<WebhookHandlerOptions> = {}) {
  const onEvent = vi.fn<(event: WebhookEvent) => void>()
  const url = await host(
    createFalWebhookHandler({
      onEvent,
      now: () => 1_700_000_000_000,
      fetch: () => Promise.resolve(Response.json({ keys: [vectorKey.jwk] })),
      ...options,
    }),
  )
  return { url, onEvent }
}

/** Sends pieces as they are given, and ends the request only when asked to; resolves with the status. */
function post(
  url: string,
  pieces: readonly (string | Uint8Array)[],
  { headers, ends = true }: { headers: Headers; ends?: boolean },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method: 'POST', headers: Object.fromEntries(headers) })
    outgoing.on('error', reject)
    outgoing.on('response', (response: IncomingMessage) => {
      resolve(response.statusCode)
      response.resume().on('end', () => outgoing.destroy())
    })
    for (const piece of pieces) outgoing.write(piece)
    if (ends) outgoing.end()
  })
}

const parsing = (name: string): boolean => name.includes('express.json()')
const raw = Object.entries(hosts).filter(([name]) => !parsing(name))

describe.each(raw)('a webhook behind %s', (_name, host) => {
  it('arrives with the bytes that were signed, whole or in pieces', async () => {
    const { url, onEvent } = await start(host)
    const { headers } = signedWebhook(body)
    const bytes = new TextEncoder().encode(body)
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200)
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await post(url, pieces, { headers })).toBe(200)
    expect(onEvent).toHaveBeenCalledOnce()
    expect(onEvent.mock.calls[0]?.[0]).toMatchObject({
      requestId: 'R1',
      userId: 'user_42',
      payload: { output: 'héllo' },
    })
  })

  it('is refused with what fits: altered, too large, stalled, of another method', async () => {
    const { url, onEvent } = await start(host, { bodyTimeoutMs: 50 })
    const { headers } = signedWebhook(body)
    const altered = await fetch(url, { method: 'POST', headers, body: body.replace('OK', 'ERROR') })
    expect(altered.status).toBe(401)
    const large = await fetch(url, { method: 'POST', headers, body: 'x'.repeat(2_097_152) })
    expect(large.status).toBe(413)
    expect(await post(url, [body], { headers, ends: false })).toBe(408)
    expect((await fetch(url)).status).toBe(405)
    expect(onEvent).not.toHaveBeenCalled()
  })
})

describe.each(Object.entries(hosts).filter(([name]) => parsing(name)))(
  'a webhook behind %s',
  (_name, host) => {
    it('is refused, with the reason that a body written anew fails', async () => {
      const { url, onEvent } = await start(host)
      const { headers } = signedWebhook(body)
      const response = await fetch(url, { method: 'POST', headers, body })
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({
        detail: expect.stringContaining('a body that was parsed and written anew fails too'),
      })
      expect(onEvent).not.toHaveBeenCalled()
    })
  },
)
