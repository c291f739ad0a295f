import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startEmulator } from '@fal-llm/emulator'

/** A delivery as fal signed it; fal posts it again when it gets no answer. */
export interface Delivery {
  readonly requestId: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** An emulator, and the deliveries it makes. */
export interface Deliveries {
  readonly jwksUrl: string
  /** Asks for an answer, and resolves with the delivery that reports it. */
  next(): Promise<Delivery>
  close(): Promise<void>
}

/** Starts an emulator whose webhooks come here instead of to a server of one's own. */
export async function startDeliveries(): Promise<Deliveries> {
  const waiting: ((delivery: Delivery) => void)[] = []
  const receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    response.end()
    // node:http joins every header a webhook has into one string.
    const headers = request.headers as Record<string, string>
    const requestId = headers['x-fal-webhook-request-id'] ?? ''
    waiting.shift()?.({ requestId, headers, body })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const emulator = await startEmulator()
  const submitUrl = `${emulator.url}/queue.fal.run/fal-ai/any-llm?fal_webhook=${encodeURIComponent(webhookUrl)}`
  return {
    jwksUrl: `${emulator.url}/rest.fal.ai/.well-known/jwks.json`,
    async next() {
      const delivered = new Promise<Delivery>((resolve) => waiting.push(resolve))
      await fetch(submitUrl, {
        method: 'POST',
        headers: { authorization: 'Key id:secret', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'google/gemini-2.5-flash', prompt: '/echo hi' }),
      })
      return delivered
    },
    async close() {
      await emulator.close()
      receiver.closeAllConnections()
      await new Promise((resolve) => receiver.close(resolve))
    },
  }
}

/** Posts a delivery to a server; resolves with the status. */
export async function deliver(url: string, { headers, body }: Delivery): Promise<number> {
  const { host: _, 'content-length': __, connection: ___, ...rest } = headers
  const response = await fetch(url, { method: 'POST', headers: rest, body })
  await response.arrayBuffer()
  return response.status
}
