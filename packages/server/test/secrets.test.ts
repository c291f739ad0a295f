// A known fake key goes in by every door, through every outcome; then everything that came out is searched.

import { expect, it, onTestFinished, vi } from 'vitest'
import { createFalProxy } from '../src/index.ts'
import type { FalProxyOptions } from '../src/index.ts'
import { toNodeHandler } from '../src/node.ts'
import { createServer } from 'node:http'
import { json, listen, startScriptedFal } from './scripted-fal.ts'
import type { Script } from './scripted-fal.ts'
import { fakeKey, input, post, runTarget, streamTarget, submitTarget } from './start-proxy.ts'

const prompt = 'a-prompt-nobody-else-may-read'
const session = 'a-session-nobody-else-may-read'
const secrets = [fakeKey, fakeKey.split(':')[1] ?? '', prompt, session]

/** Everything this process prints from here to the end of the test. */
function capturePrinted(): string[] {
  const printed: string[] = []
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    vi.spyOn(console, name).mockImplementation(
      (...values) => void printed.push(values.map(String).join(' ')),
    )
  }
  for (const stream of [process.stdout, process.stderr]) {
    const keep: typeof stream.write = (chunk) => printed.push(String(chunk)) > 0
    vi.spyOn(stream, 'write').mockImplementation(keep)
  }
  onTestFinished(() => void vi.restoreAllMocks())
  return printed
}

const scripts: Readonly<Record<string, Script>> = {
  'an echo of everything': (response, seen) =>
    json(response, 200, { request_id: 'R1', headers: seen.headers }),
  'an error that quotes the key': (response, seen) =>
    json(response, 401, { detail: `Bad ${String(seen.headers.authorization)}` }),
  'a redirect with the key in it': (response, seen) =>
    response.writeHead(302, { location: `/?k=${String(seen.headers.authorization)}` }).end(),
  'a reset': (response) => response.socket?.resetAndDestroy(),
  'a stream that breaks off': (response, seen) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${String(seen.headers.authorization)}\n\n`)
    setImmediate(() => response.socket?.resetAndDestroy())
  },
  'a head that is none': (response) =>
    response.socket?.end('HTTP/1.1 200 OK\r\nbad header\r\n\r\n'),
}

const setups: Readonly<Record<string, FalProxyOptions>> = {
  anyone: { allowAnonymous: true },
  'signed in': { authorize: () => ({ userId: 'ann' }) },
  nobody: {},
  'a key with a line break in it': { allowAnonymous: true, credentials: `${fakeKey}\nx` },
  'a limit reached': { allowAnonymous: true, limit: () => ({ retryAfterMs: 1 }) },
}

it.each(
  Object.keys(scripts).flatMap((script) =>
    Object.keys(setups).map((setup) => [script, setup] as const),
  ),
)(
  'rule 12: with %s and %s, no answer and no log holds the key, the prompt or the session',
  async (script, setup) => {
    const printed = capturePrinted()
    const failures: unknown[] = []
    const fal = await startScriptedFal((response, seen) => scripts[script]?.(response, seen))
    const handler = createFalProxy({
      credentials: fakeKey,
      baseUrl: fal.url,
      onError: (error) => failures.push(error),
      ...setups[setup],
    })
    const url = await listen(createServer(toNodeHandler(handler)))
    const came: string[] = []
    for (const target of [
      runTarget,
      streamTarget,
      submitTarget,
      `${submitTarget}/requests/R1/status`,
    ]) {
      const isRead = target.endsWith('status')
      const headers = { authorization: `Bearer ${session}`, 'x-fal-target-url': target }
      const init = isRead ? { headers } : post({ ...input, prompt }, headers)
      const response = await fetch(url, { ...init, headers: { ...init.headers, ...headers } })
      came.push(`${response.status} ${response.statusText}`, JSON.stringify([...response.headers]))
      came.push(await response.text().catch(() => 'broken off'))
    }
    const told = failures.map((error) => `${String(error)} ${(error as Error).stack}`)
    const everything = [...came, ...printed, ...told].join('\n')
    expect(came).toHaveLength(12)
    for (const secret of secrets) expect(everything).not.toContain(secret)
  },
)
