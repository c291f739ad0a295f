// What is measured runs as a user's program runs: plain Node, no loader, core bundled from its sources as its dist is,
// npm packages from node_modules. Made anew each time, so that a benchmark never measures a build of last week.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const bench = fileURLToPath(new URL('..', import.meta.url))
// Below node_modules: git does not see it, and bench's packages are found from there.
const target = `${bench}node_modules/.cache/fal-llm`

/** Packages of bench's own; ours are bundled. */
function packagesOfBench(): readonly string[] {
  const { dependencies } = JSON.parse(readFileSync(`${bench}package.json`, 'utf8')) as {
    readonly dependencies: object
  }
  return Object.keys(dependencies).filter((name) => !name.startsWith('@fal-llm/'))
}

/** Bundles a script of bench, or some code; the path of the file. */
export async function bundle(script: string, code?: string): Promise<string> {
  const name = script.replace(/\.ts$/, '')
  await build({
    ...(code === undefined
      ? { entryPoints: { [name]: `${bench}${script}` } }
      : { stdin: { contents: code, resolveDir: bench } }),
    ...(code !== undefined && { entryNames: name }),
    outdir: target,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    conditions: ['@fal-llm/source'],
    external: [...packagesOfBench()],
    logLevel: 'error',
  })
  return `${target}/${name}.mjs`
}
