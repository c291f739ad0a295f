import { describe, expect, it } from 'vitest'
import { json, startScriptedFal } from '../../../test/scripted-fal.ts'
import {
  answer,
  closedProxy,
  detailOf,
  fakeKey,
  input,
  post,
  request,
  runTarget,
} from '../../../test/start-proxy.ts'
import { createFalProxy } from '../../index.ts'

describe('bodies', () => {
  it.each([
    ['text', { 'content-type': 'text/plain' }, '{}', 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=1', 415],
    ['a type that only begins like JSON', { 'content-type': 'application/json-seq' }, '{}', 415],
    [
      'compressed JSON',
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      '{}',
      415,
    ],
    ['no JSON', { 'content-type': 'application/json' }, '{"prompt":', 400],
    ['a list', { 'content-type': 'application/json' }, '[]', 400],
    ['null', { 'content-type': 'application/json' }, 'null', 400],
    ['nothing', { 'content-type': 'application/json' }, '', 400],
  ])('of %s are refused', async (_what, headers, body, status) => {
    const response = await closedProxy()(request(runTarget, { method: 'POST', headers, body }))
    expect(response.status).toBe(status)
    expect(await detailOf(response)).toMatch(/^fal proxy: the body/)
  })

  it('of broken UTF-8 are refused', async () => {
    const body = new Uint8Array([...new TextEncoder().encode('{"prompt":"'), 0xff, 0x22, 0x7d])
    const headers = { 'content-type': 'application/json' }
    const response = await closedProxy()(request(runTarget, { method: 'POST', headers, body }))
    expect(response.status).toBe(400)
  })

  it('pass up to maxBodyBytes and not one byte further, whatever the content-length', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const options = {
      credentials: fakeKey,
      allowAnonymous: true,
      baseUrl: fal.url,
      maxBodyBytes: 100,
    }
    const handler = createFalProxy(options)
    const bodyOf = (length: number): ReadableStream<Uint8Array> =>
      new Blob([JSON.stringify({ prompt: 'x'.repeat(length - 13) })]).stream()
    const send = (length: number): Promise<Response> => {
      const init = { ...post(input), body: bodyOf(length), duplex: 'half' }
      return handler(request(runTarget, init))
    }
    expect((await send(100)).status).toBe(200)
    const response = await send(101)
    expect(response.status).toBe(413)
    expect(await detailOf(response)).toMatch(/100 bytes/)
    expect(fal.seen).toHaveLength(1)
  })

  it('with a length that lies downwards are counted all the same', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '2' }
    const body = JSON.stringify({ prompt: 'x'.repeat(200) })
    const lying = request(runTarget, { method: 'POST', headers, body })
    expect((await closedProxy({ maxBodyBytes: 100 })(lying)).status).toBe(413)
  })

  it.each([
    ['of unknown', {}],
    ['of known', { 'content-length': '100' }],
  ])('%s length that never end are given up', async (_what, headers) => {
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
    const init = { ...post(input, headers), body, duplex: 'half' }
    const response = await closedProxy({ bodyTimeoutMs: 30 })(request(runTarget, init))
    expect(response.status).toBe(408)
  })

  it('deeper than the stack end in an answer', async () => {
    const body = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const headers = { 'content-type': 'application/json' }
    const onRequest = (): void => {}
    const response = await closedProxy({ onRequest })(
      request(runTarget, { method: 'POST', headers, body }),
    )
    expect(response.status).toBe(500)
  })
})
