import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { listen } from '../test/scripted-fal.ts'
import type { FetchHandler } from './fetch-handler.ts'
import { toHonoHandler } from './hono.ts'
import { toNextHandlers } from './next.ts'
import { toNuxtHandler } from './nuxt.ts'
import { toSvelteKitHandlers } from './sveltekit.ts'

const handler: FetchHandler = async (request) =>
  new Response(`${request.method} ${await request.text()}`, { status: 201 })
const request = (method: string): Request => new Request('http://localhost/', { method })

describe('every door', () => {
  it.each(['GET', 'POST', 'PUT'] as const)('of Next and SvelteKit answers %s', async (method) => {
    const next = await toNextHandlers(handler)[method](request(method))
    const kit = await toSvelteKitHandlers(handler)[method]({ request: request(method) })
    expect([next.status, await next.text()]).toEqual([201, `${method} `])
    expect([kit.status, await kit.text()]).toEqual([201, `${method} `])
  })

  it('of SvelteKit notices on adapter-node that a caller left before the answer began', async () => {
    const socket = new EventEmitter()
    const { POST } = toSvelteKitHandlers(
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(new Response('left')))
        }),
    )
    const answer = POST({ request: request('POST'), platform: { req: { socket } } })
    socket.emit('close')
    expect(await (await answer).text()).toBe('left')
    expect(socket.listenerCount('close')).toBe(0)
  })

  it('of Hono answers all of them, with types that fit', async () => {
    const app = new Hono().all('/', toHonoHandler(handler))
    const response = await app.request('/', { method: 'PUT' })
    expect([response.status, await response.text()]).toEqual([201, 'PUT '])
  })

  it('of Nuxt writes the answer itself on Node', async () => {
    const route = toNuxtHandler(handler)
    const url = await listen(createServer((req, res) => void route({ node: { req, res } })))
    const response = await fetch(url, { method: 'POST', body: 'hi' })
    expect([response.status, await response.text()]).toEqual([201, 'POST hi'])
  })

  it.each([
    ['h3 1 at the edge', { web: { request: request('GET') } }],
    ['h3 2', { req: request('GET') }],
  ])('of Nuxt returns the answer on %s', async (_what, event) => {
    const response = await toNuxtHandler(handler)(event)
    expect(await response?.text()).toBe('GET ')
  })

  it('of Nuxt names what the event lacks', async () => {
    await expect(toNuxtHandler(handler)({})).rejects.toThrow(/no h3 event/)
  })
})
