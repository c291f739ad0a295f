import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createServer } from 'vite'
import type { InlineConfig, Logger, ViteDevServer } from 'vite'
import { onTestFinished } from 'vitest'
import { falLlm } from '../src/index.ts'

/** A folder with these files, gone after the test. */
export async function createProject(
  files: Readonly<Record<string, string>> = { 'index.html': '<p>Hello' },
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fal-llm-vite-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

/** What Vite says, line by line. */
export function collectLines(): { readonly lines: string[]; readonly customLogger: Logger } {
  const lines: string[] = []
  const add = (line: string): void => void lines.push(line)
  const customLogger: Logger = {
    info: add,
    warn: add,
    warnOnce: add,
    error: add,
    clearScreen() {},
    hasErrorLogged: () => false,
    hasWarned: false,
  }
  return { lines, customLogger }
}

/** A project's configuration with the plugin, and nothing of this machine's. */
export function toConfig(root: string, config: InlineConfig = {}): InlineConfig {
  return { configFile: false, plugins: [falLlm()], root, ...config }
}

/** Vite's dev server on a free port, closed after the test. */
export async function startVite(
  config: InlineConfig = {},
): Promise<{ server: ViteDevServer; url: string; lines: readonly string[] }> {
  const { lines, customLogger } = collectLines()
  const root = config.root ?? (await createProject())
  const server = await createServer({
    customLogger,
    ...toConfig(root, config),
    server: { host: '127.0.0.1', port: 0, ws: false, ...config.server },
  })
  onTestFinished(() => server.close())
  await server.listen()
  return { server, url: urlOf(server), lines }
}

/** Where a server listens, without a slash at its end. */
export function urlOf({ resolvedUrls }: Pick<ViteDevServer, 'resolvedUrls'>): string {
  const [local] = resolvedUrls?.local ?? []
  if (local === undefined) throw new Error('Vite has no address')
  return new URL(local).origin
}
