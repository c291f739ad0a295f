import { createFalProxy } from '@fal-llm/server'
import { toNodeHandler } from '@fal-llm/server/node'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'

const route = '/api/fal/proxy'

/**
 * Serves the demo's proxy route from Vite's own server, so that the fal key stays out of the page.
 * With FAL_PROXY_URL set it passes calls on to that proxy, with FAL_BASE_URL it talks to an emulator, else to fal
 * with FAL_KEY. Anyone who can reach the server may call it: for 127.0.0.1 only.
 */
export function falProxy(): Plugin {
  const { FAL_PROXY_URL: proxyUrl } = process.env
  if (proxyUrl) return passOn(new URL(proxyUrl))
  // The page has to know the emulator's address: files go there straight, not through the proxy.
  const emulatorUrl = process.env['FAL_BASE_URL'] ?? ''
  const mount = (server: { middlewares: Connect.Server }) => {
    const handle = toNodeHandler(
      // One person's own machine: files may be sent, and nobody is kept waiting.
      createFalProxy({ allowAnonymous: true, allowUploads: true, limit: false, onError: report }),
    )
    server.middlewares.use((request: IncomingMessage, response: ServerResponse, next) => {
      const path = request.url?.split('?', 1)[0]
      if (path === route) void handle(request, response)
      else next()
    })
  }
  return {
    name: 'fal-proxy',
    config: () => ({
      define: { 'import.meta.env.VITE_FAL_EMULATOR_URL': JSON.stringify(emulatorUrl) },
    }),
    configureServer: mount,
    configurePreviewServer: mount,
  }
}

function passOn({ origin, pathname }: URL): Plugin {
  const proxy = { [route]: { target: origin, changeOrigin: true, rewrite: () => pathname } }
  return {
    name: 'fal-proxy',
    config: () => ({
      define: { 'import.meta.env.VITE_FAL_EMULATOR_URL': '""' },
      server: { proxy },
      preview: { proxy },
    }),
  }
}

function report(error: unknown): void {
  console.error('fal proxy:', error instanceof Error ? error.message : error)
}
