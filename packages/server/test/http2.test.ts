import { connect, createServer } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { settled } from '@fal-llm/testkit/settled'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createFalProxy } from '../src/index.ts'
import { toNodeHandler } from '../src/node.ts'
import { json, startScriptedFal } from './scripted-fal.ts'
import type { ScriptedFal } from './scripted-fal.ts'
import { answer, fakeKey, input, runTarget, streamTarget } from './start-proxy.ts'

async function connectTo(fal: ScriptedFal): Promise<ClientHttp2Session> {
  const options = { credentials: fakeKey, allowAnonymous: true, baseUrl: fal.url }
  const server = createServer(toNodeHandler(createFalProxy(options)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  return session
}

interface Answer {
  readonly status: number
  readonly text: Promise<string>
  readonly leave: () => void
}

function call(session: ClientHttp2Session, target: string): Promise<Answer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/api/fal/proxy',
    'content-type': 'application/json',
    'x-fal-target-url': target,
  })
  stream.end(JSON.stringify(input))
  stream.on('error', () => {})
  return new Promise((resolve) => {
    stream.on('response', (headers) => {
      const text = stream.toArray().then((pieces) => Buffer.concat(pieces).toString())
      text.catch(() => {})
      resolve({ status: Number(headers[':status']), text, leave: () => stream.close(8) })
    })
  })
}

it('serves HTTP/2 without a warning', async () => {
  const warned = vi.fn<(warning: Error) => void>()
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  const fal = await startScriptedFal((response) => {
    response.statusMessage = 'Words of its own'
    json(response, 422, answer)
  })
  const session = await connectTo(fal)
  for (const [target, status] of [
    [runTarget, 422],
    ['https://evil.example/', 412],
  ] as const) {
    const got = await call(session, target)
    expect(got.status).toBe(status)
    await got.text
  }
  // Warnings come a tick late.
  await settled()
  expect(warned.mock.calls).toEqual([])
})

it('stops fal when a caller on HTTP/2 leaves in the middle', async () => {
  const fal = await startScriptedFal((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
  })
  const { status, leave } = await call(await connectTo(fal), streamTarget)
  expect(status).toBe(200)
  leave()
  expect(await fal.seen[0]?.closed).toBeGreaterThan(0)
})
