import { createServer } from 'node:http'
import { expect } from 'vitest'
import { createFalProxy } from '../src/index.ts'
import type { FalProxyOptions, FetchHandler } from '../src/index.ts'
import { toNodeHandler } from '../src/node.ts'
import { listen } from './scripted-fal.ts'
import type { ScriptedFal } from './scripted-fal.ts'

/** A key like fal's, known to the tests and to nobody else. */
export const fakeKey = '0f1e2d3c-fake-4b5a-8697-a8b9cadbecfd:5ec4e7f4c3d2b1a0918273645546372a'

/** A proxy on node:http, in front of a scripted fal. */
export interface RunningProxy {
  readonly url: string
  /** Calls the proxy as fal's clients do. */
  readonly call: (target: string, init?: RequestInit) => Promise<Response>
}

/** Serves a proxy on port 0 until the test is over. Anyone may call, unless the options change that. */
export async function startProxy(
  fal: Pick<ScriptedFal, 'url'>,
  options: FalProxyOptions = {},
): Promise<RunningProxy> {
  const handler = createFalProxy({
    credentials: fakeKey,
    allowAnonymous: true,
    baseUrl: fal.url,
    ...options,
  })
  const origin = await listen(createServer(toNodeHandler(handler)))
  const url = `${origin}/api/fal/proxy`
  return { url, call: (target, init) => callProxy(url, target, init) }
}

/** One call in fal's proxy protocol. */
export function callProxy(url: string, target: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    ...init,
    headers: { ...init.headers, 'x-fal-target-url': target },
  })
}

/** A POST of JSON, as fal's clients send it. */
export function post(input: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  }
}

/** fal's own URLs of the calls the tests make. */
export const runTarget = 'https://fal.run/openrouter/router'
export const streamTarget = 'https://fal.run/openrouter/router/stream'
export const submitTarget = 'https://queue.fal.run/openrouter/router'

/** An input and an answer as the endpoint knows them. */
export const input = { prompt: 'Hi', model: 'openai/gpt-4o' }
export const answer = { output: 'Hello', partial: false }

/** A call as the handler gets it. */
export function request(target: string | null, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers)
  if (target !== null) headers.set('x-fal-target-url', target)
  return new Request('http://localhost/api/fal/proxy', { ...init, headers })
}

/** A handler whose call must not get as far as fal. */
export function closedProxy(options: FalProxyOptions = {}): FetchHandler {
  const reached = (): never => {
    throw new Error('fal was reached')
  }
  return createFalProxy({ credentials: fakeKey, allowAnonymous: true, fetch: reached, ...options })
}

/** The reason in an answer of the proxy's own. */
export async function detailOf(response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toBe('application/json')
  // Its shape is what the proxy promises for every refusal.
  const body = (await response.json()) as { detail: string }
  return body.detail
}

/** A function of the host's that fails. */
export function failing(message: string): () => never {
  return () => {
    throw new Error(message)
  }
}
