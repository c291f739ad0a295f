// What somebody who is not a fal client may send, as bytes, to each kind of server: fal's own proxy package
// is open to most of it. Nothing of it may reach fal, and the server must go on serving.

import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createFalProxy } from '../src/index.ts'
import { hosts } from './hosts.ts'
import { json, startScriptedFal } from './scripted-fal.ts'
import type { ScriptedFal } from './scripted-fal.ts'
import { answer, callProxy, fakeKey, input, post, runTarget } from './start-proxy.ts'

/** Sends bytes as they are; resolves with all that comes back until the server closes or the time is up. */
function sendRaw(url: string, bytes: string | Buffer, limitMs = 1_000): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let got = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    const timer = setTimeout(() => socket.destroy(), limitMs)
    socket.on('data', (data) => (got += data.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(got)
    })
  })
}

const head = (method: string, target: string, more: string[] = []): string =>
  [
    `${method} /api/fal/proxy HTTP/1.1`,
    'host: localhost',
    `x-fal-target-url: ${target}`,
    'connection: close',
    ...more,
    '',
    '',
  ].join('\r\n')

const jsonBody = '{"prompt":"Hi"}'
const jsonHead = ['content-type: application/json', `content-length: ${jsonBody.length}`]

const attacks: [what: string, bytes: string, statuses: number[]][] = [
  [
    'a malformed target (ended an Express process)',
    head('POST', 'http://[', jsonHead) + jsonBody,
    [412],
  ],
  ['a target of emptiness', head('GET', ''), [400]],
  ['a target beyond ASCII', head('GET', 'https://f\xe4l.run/a/b'), [412]],
  ['plain http', head('POST', 'http://fal.run/openrouter/router', jsonHead) + jsonBody, [412]],
  [
    'an encoded way out',
    head('POST', 'https://fal.run/fal-ai/any-llm/..%2f..%2fflux/dev', jsonHead) + jsonBody,
    [412],
  ],
  ['a GET past the list', head('GET', 'https://fal.run/fal-ai/flux/dev?prompt=a'), [403]],
  ['a PUT past the list', head('PUT', 'https://fal.run/fal-ai/flux/dev'), [403]],
  ['a PATCH', head('PATCH', runTarget), [405]],
  ['a DELETE', head('DELETE', 'https://queue.fal.run/fal-ai/any-llm/requests/R1'), [405]],
  ['a job of another app', head('GET', 'https://queue.fal.run/fal-ai/flux/requests/R1'), [403]],
  ['an address inside', head('GET', 'http://169.254.169.254/latest/meta-data'), [412]],
  ['an address inside as user', head('GET', 'https://fal.run@169.254.169.254/'), [412]],
  ['a local file', head('GET', 'file:///etc/passwd'), [412]],
  ['a token request', head('POST', 'https://rest.fal.ai/tokens/', jsonHead) + jsonBody, [412, 403]],
  ['two targets', head('GET', runTarget, ['x-fal-target-url: https://evil.example/']), [412]],
  ['a second request in the target', head('GET', 'https://fal.run/a/b\nHost: evil.example'), [400]],
  [
    'a length and chunks',
    head('POST', runTarget, [
      'content-type: application/json',
      'content-length: 4',
      'transfer-encoding: chunked',
    ]) + '0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    [400],
  ],
  [
    'two lengths',
    head('POST', runTarget, [
      'content-type: application/json',
      'content-length: 4',
      'content-length: 40',
    ]) + 'abcd',
    [400],
  ],
  [
    'a length that lies upwards',
    head('POST', runTarget, ['content-type: application/json', 'content-length: 999999999']) + '{',
    [413],
  ],
  [
    'chunks without end',
    `${head('POST', runTarget, ['content-type: application/json', 'transfer-encoding: chunked'])}${`20000\r\n${'x'.repeat(0x20000)}\r\n`.repeat(10)}`,
    // A busy machine may still be sending when the time for a body is up.
    [413, 408],
  ],
  [
    'a broken chunk',
    `${head('POST', runTarget, ['content-type: application/json', 'transfer-encoding: chunked'])}zz\r\n`,
    [400],
  ],
  [
    'a body that drips',
    head('POST', runTarget, ['content-type: application/json', 'content-length: 50']) + '{"pro',
    [408],
  ],
  [
    'a head larger than Node takes',
    head('GET', runTarget, [`x-long: ${'x'.repeat(20_000)}`]),
    [431],
  ],
  [
    'a kilobyte of priority',
    head('POST', runTarget, [`x-fal-queue-priority: ${'x'.repeat(2_000)}`, ...jsonHead]) + jsonBody,
    [400],
  ],
  [
    'a form, as another site can post it',
    head('POST', runTarget, ['content-type: text/plain', 'content-length: 2']) + '{}',
    [415],
  ],
  [
    'a body that is no JSON',
    head('POST', runTarget, ['content-type: application/json', 'content-length: 4']) + '{"a"',
    [400],
  ],
]

describe.each(Object.entries(hosts).filter(([name]) => !name.includes('json()')))(
  'on %s',
  (_name, host) => {
    const serve = (fal: ScriptedFal): Promise<string> =>
      host(
        createFalProxy({
          credentials: fakeKey,
          allowAnonymous: true,
          baseUrl: fal.url,
          bodyTimeoutMs: 50,
        }),
      )

    it.each(attacks)('%s is refused and the server goes on', async (_what, bytes, statuses) => {
      const fal = await startScriptedFal((response) => json(response, 200, answer))
      const url = await serve(fal)
      const got = await sendRaw(url, Buffer.from(bytes, 'latin1'))
      expect(statuses).toContain(Number(/^HTTP\/1\.1 (\d+) /.exec(got)?.[1]))
      expect(got).not.toContain(fakeKey.split(':')[1])
      expect(fal.seen).toHaveLength(0)
      expect((await callProxy(url, runTarget, post(input))).status).toBe(200)
    })

    it('a caller who hangs up in its head or body leaves nothing behind', async () => {
      const fal = await startScriptedFal((response) => json(response, 200, answer))
      const url = await serve(fal)
      const cut = head('POST', runTarget, jsonHead) + jsonBody
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => sendRaw(url, cut.slice(0, 10 * i), 20)),
      )
      expect((await callProxy(url, runTarget, post(input))).status).toBe(200)
    })
  },
)

it("the caller's own Authorization and cookies stay here", async () => {
  const fal = await startScriptedFal((response) => json(response, 200, answer))
  const url = await hosts['node:http']?.(
    createFalProxy({ credentials: fakeKey, allowAnonymous: true, baseUrl: fal.url }),
  )
  const headers = {
    authorization: 'Key their:own',
    cookie: 'a=1',
    'proxy-authorization': 'Basic x',
  }
  await callProxy(url ?? '', runTarget, post(input, headers))
  expect(fal.seen[0]?.headers.authorization).toBe(`Key ${fakeKey}`)
  expect(JSON.stringify(fal.seen[0]?.headers)).not.toMatch(/their:own|a=1|Basic/)
})
