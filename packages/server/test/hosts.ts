import { createServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { createServer as createViteServer } from 'vite'
import type { FetchHandler } from '../src/index.ts'
import { toNodeHandler } from '../src/node.ts'
import { listen } from './scripted-fal.ts'

/** Serves a handler at /api/fal/proxy on port 0 until the test is over; resolves with the route's URL. */
export type Host = (handler: FetchHandler) => Promise<string>

const path = '/api/fal/proxy'

async function at(server: ReturnType<typeof createServer>): Promise<string> {
  return (await listen(server)) + path
}

/** Every server the package is meant for that runs inside a test. */
export const hosts: Readonly<Record<string, Host>> = {
  'node:http': (handler) => at(createServer(toNodeHandler(handler))),
  'Express 5': (handler) => at(createServer(express().all(path, toNodeHandler(handler)))),
  'Express 4': (handler) => at(createServer(express4().all(path, toNodeHandler(handler)))),
  'Express 5 behind express.json()': (handler) =>
    at(createServer(express().use(express.json()).use(path, toNodeHandler(handler)))),
  'Express 4 behind express.json()': (handler) =>
    at(createServer(express4().use(express4.json()).use(path, toNodeHandler(handler)))),
  Hono: (handler) => {
    const app = new Hono().all(path, (context) => handler(context.req.raw))
    // Without http2 options it makes a plain node:http server.
    return at(createAdaptorServer(app) as ReturnType<typeof createServer>)
  },
  "Vite's dev server": async (handler) => {
    const vite = await createViteServer({
      configFile: false,
      logLevel: 'silent',
      appType: 'custom',
      server: { middlewareMode: true, ws: false },
      optimizeDeps: { noDiscovery: true },
    })
    onTestFinished(() => vite.close())
    vite.middlewares.use(path, toNodeHandler(handler))
    return at(createServer(vite.middlewares))
  },
}
