// Table D: bytes, minified and gzipped, the framework left outside. What counts is what a page must load first; what is
// imported on first use is named beside it.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Metafile } from 'esbuild'
import { bundle as bundleForNode } from './harness/build.ts'
import { countedRow, measure, printTable } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'

const bench = fileURLToPath(new URL('.', import.meta.url))
const frameworks = ['react', 'react-dom', 'vue', 'svelte']

interface Bundle {
  readonly kib: number
  readonly lazyKib: number
  /** What each file adds to what is loaded first, minified, largest first. */
  readonly files: readonly (readonly [path: string, bytes: number])[]
}

async function bundle(code: string, external: readonly string[] = []): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: bench },
    outdir: `${bench}out`,
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    // The sources are what the dist is made of; a build of last week is not.
    conditions: ['@fal-llm/source', 'import', 'module'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external: [...frameworks.flatMap((name) => [name, `${name}/*`]), ...external],
    logLevel: 'error',
  })
  const sizes = new Map(
    outputFiles.map(({ path, contents }) => [path, gzipSync(contents, { level: 9 }).length]),
  )
  const first = loadedFirst(metafile)
  const sum = (paths: readonly string[]): number =>
    paths.reduce(
      (total, path) =>
        total + (sizes.get(fileURLToPath(new URL(path, `file://${process.cwd()}/`))) ?? 0),
      0,
    )
  const rest = Object.keys(metafile.outputs).filter((path) => !first.includes(path))
  const files = first.flatMap((path) =>
    Object.entries(metafile.outputs[path]?.inputs ?? {}).map(
      ([input, { bytesInOutput }]) => [input, bytesInOutput] as const,
    ),
  )
  return {
    kib: sum(first) / 1_024,
    lazyKib: sum(rest) / 1_024,
    files: files.toSorted(([, left], [, right]) => right - left),
  }
}

/** The entry and what it imports at once. */
function loadedFirst({ outputs }: Metafile): readonly string[] {
  const [entry] = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint !== undefined)
  const found = new Set(entry === undefined ? [] : [entry])
  for (const path of found) {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && next in outputs) found.add(next)
    }
  }
  return [...found]
}

interface Size {
  readonly work: string
  readonly code: string
  readonly goals: readonly Goal[]
  readonly external?: readonly string[]
  readonly needs?: string
}

const core = ['@fal-llm/core', '@fal-llm/core/*']
const peers: Readonly<Record<string, string>> = {
  'ai 6 useChat': `export { useChat } from '@ai-sdk/react'`,
  'TanStack useChat': `export { useChat, stream } from '@tanstack/ai-react'`,
  'fal-js': `export { createFalClient } from '@fal-ai/client'`,
  openai: `export { default } from 'openai'`,
  'eventsource-parser': `export { createParser } from 'eventsource-parser'`,
  valibot: `export { object, string, number, optional, parse } from 'valibot'`,
}
const chat = (name: string, hook: string): readonly Size[] => [
  {
    work: `${name}: ${hook} and all it needs`,
    code: `export { ${hook} } from '@fal-llm/${name}'`,
    goals: [
      { atMost: 12 },
      { to: 'ai 6 useChat', atMost: 0.22 },
      { to: 'TanStack useChat', atMost: 0.27 },
    ],
    needs: name,
  },
  {
    work: `${name}: the binding alone, every hook`,
    code: `export * from '@fal-llm/${name}'`,
    goals: [{ atMost: 1.2 }],
    external: core,
    needs: name,
  },
]
const sizes: readonly Size[] = [
  ...chat('react', 'useFalChat'),
  ...chat('vue', 'useFalChat'),
  ...chat('svelte', 'createFalChat'),
  {
    work: '`generate` alone',
    code: `export { createFalLlm } from '@fal-llm/core'`,
    goals: [{ atMost: 8 }, { to: 'fal-js', atMost: 0.4 }],
  },
  {
    work: '`endpoints`: all schemas and catalogues',
    code: `export * from '@fal-llm/core/endpoints'`,
    goals: [{ atMost: 5 }],
  },
]

const theirs = new Map<string, number>()
for (const [name, code] of Object.entries(peers)) theirs.set(name, (await bundle(code)).kib)

const rows: Row[] = []
const notes: string[] = []
for (const { work, code, goals, external, needs } of sizes) {
  if (needs !== undefined && !existsSync(`${bench}../packages/${needs}/src/index.ts`)) continue
  const { kib, lazyKib, files } = await bundle(code, external)
  const compared = goals.flatMap(({ to }) =>
    to === undefined ? [] : [[to, theirs.get(to) ?? NaN]],
  )
  rows.push(countedRow(work, 'KiB', { ours: kib, ...Object.fromEntries(compared) }, goals))
  const early = files.some(([path]) => path.includes('@fal-ai/client'))
  const lazy = lazyKib > 0 ? `; on first use ${lazyKib.toFixed(1)} KiB more` : ''
  const client = early ? ' **@fal-ai/client is loaded first: missed**' : ''
  notes.push(`- ${work}: ${kib.toFixed(2)} KiB${lazy}.${client} Largest: ${largest(files)}`)
}
for (const [name, kib] of theirs) {
  if (!rows.some(({ samples }) => samples.has(name))) {
    rows.push(countedRow(`(${name})`, 'KiB', { [name]: kib }, []))
  }
}

function largest(files: Bundle['files']): string {
  return files
    .slice(0, 10)
    .map(([path, bytes]) => `${path.replace(/^.*(packages|node_modules)\//, '')} ${bytes}`)
    .join(', ')
}

const run = promisify(execFile)
const inNode = (name: string, specifier: string) => ({
  name,
  async run() {
    const code = `const t = performance.now(); await import(${JSON.stringify(specifier)}); process.stdout.write(String(performance.now() - t))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
      cwd: bench,
    })
    return Number(stdout)
  },
})
rows.push(
  await measure(
    'importing core in Node',
    'ms',
    [
      inNode('ours', await bundleForNode('core-door', `export * from '@fal-llm/core'`)),
      inNode('ai 6 useChat', 'ai'),
      inNode('openai', 'openai'),
      inNode('fal-js', '@fal-ai/client'),
    ],
    [{ atMost: 15 }],
  ),
)
printTable('D. Bytes: minified, gzipped, the framework outside', ['ours', ...theirs.keys()], rows)
console.log(`\nBytes minified, before gzip, of the files that weigh most:\n\n${notes.join('\n')}`)
