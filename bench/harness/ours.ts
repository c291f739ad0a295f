// What a Node program runs is core's dist: one bundle of the sources with its dependencies outside. It is made here in
// the same way, so that a benchmark never measures a build of last week.

import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const bench = fileURLToPath(new URL('..', import.meta.url))
// Below node_modules: git does not see it, and core's dependencies are found from there.
const target = `${bench}node_modules/.cache/fal-llm`

const entry = `
  export * from '@fal-llm/core'
  export { createRun } from '../packages/core/src/generate/run.ts'
  export { createWatch } from '../packages/core/src/wire/watch.ts'
  export { systemClock } from '../packages/core/src/wire/clock.ts'
`

/** Core's public door, and the inside of `generate` for the rows that are about the engine alone. */
export type Ours = typeof import('@fal-llm/core') &
  typeof import('../../packages/core/src/generate/run.ts') &
  typeof import('../../packages/core/src/wire/watch.ts') &
  typeof import('../../packages/core/src/wire/clock.ts')

/** Packages that core's dist leaves outside. */
export function dependenciesOfCore(): readonly string[] {
  const require = createRequire(import.meta.url)
  const { dependencies } = require('@fal-llm/core/package.json') as { dependencies: object }
  return Object.keys(dependencies)
}

/** Builds core as its dist is built; the path of the file. */
export async function buildOurs(contents: string = entry, name: string = 'core'): Promise<string> {
  mkdirSync(target, { recursive: true })
  const outfile = `${target}/${name}.mjs`
  await build({
    stdin: { contents, resolveDir: bench },
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    conditions: ['@fal-llm/source'],
    external: [...dependenciesOfCore()],
    logLevel: 'error',
  })
  return outfile
}

/** Loads a build of core. */
export async function loadOurs(path?: string): Promise<Ours> {
  // The entry above exports exactly that.
  return (await import(pathToFileURL(path ?? (await buildOurs())).href)) as Ours
}
