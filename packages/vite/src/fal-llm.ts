import { toNodeHandler } from '@fal-llm/server/node'
import type { Plugin, PreviewServer, ViteDevServer } from 'vite'
import { createEmulatedFal } from './emulated-fal.ts'
import { createLiveFal } from './live-fal.ts'
import { readAccess } from './read-access.ts'

/** Where the clients of fal and of this library look for a proxy. */
const route = '/api/fal/proxy'

const recipes = 'https://github.com/fal-llm/fal-llm/tree/main/packages/server#readme'

/**
 * Mounts the fal proxy at `/api/fal/proxy` of Vite's dev and preview servers, and below Vite's `base`. With FAL_KEY, from the
 * environment or an `.env` file, it calls fal for pages of its own origin; without one, an emulator of fal in the same process
 * answers. The key is in no bundle. A build has no server, and so no proxy: it says where the recipe for one is.
 */
export function falLlm(): Plugin {
  return {
    name: 'fal-llm',
    configResolved({ command, build, logger }) {
      // Frameworks build twice, for the browser and for their server; one line is enough.
      if (command !== 'build' || build.ssr) return
      logger.info(`fal-llm: a build has no proxy; the recipe for its server is at ${recipes}`)
    },
    // In the hooks themselves, and with their path: Nuxt and Nitro hand Vite only what is mounted so.
    configureServer: (server) => mount(server, server.config.server),
    configurePreviewServer: (server) => mount(server, server.config.preview),
  }
}

/** What the servers of dev and of preview have in common; there need be no socket behind them. */
type Server = Pick<ViteDevServer | PreviewServer, 'config' | 'middlewares'>

interface ServerOptions {
  readonly host?: string | boolean | undefined
  readonly allowedHosts: true | readonly string[]
}

function mount({ config, middlewares }: Server, { host, allowedHosts }: ServerOptions): void {
  const access = readAccess(config)
  const report = (problem: string): void => config.logger.error(`fal-llm: ${problem}`)
  const fal = access.isLive
    ? createLiveFal(access, withOwn(allowedHosts, host), report)
    : createEmulatedFal(config.root, route, report)
  if (!access.isLive) {
    config.logger.info('fal-llm: no FAL_KEY, answers come from the emulator')
  } else if (isOpenToOthers(host)) {
    config.logger.warn(
      'fal-llm: with --host, whoever reaches this server can spend on your FAL_KEY',
    )
  }
  const handle = toNodeHandler(fal)
  for (const path of new Set([route, config.base.replace(/\/$/, '') + route])) {
    middlewares.use(path, (request, response) => void handle(request, response))
  }
}

function withOwn(
  allowedHosts: ServerOptions['allowedHosts'],
  host: ServerOptions['host'],
): true | readonly string[] {
  return allowedHosts === true || typeof host !== 'string' ? allowedHosts : [...allowedHosts, host]
}

function isOpenToOthers(host: string | boolean | undefined): boolean {
  if (typeof host !== 'string') return host === true
  return !/^(localhost|127(\.\d+){3}|::1|\[::1\])$/.test(host)
}
