// What a page loads of a package before anything has happened, and what comes on first use: bundled as Vite bundles an
// app, minified and gzipped, the framework left outside.

import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, defaultClientConditions } from 'vite'
import type { Plugin, Rollup } from 'vite'

const bench = fileURLToPath(new URL('..', import.meta.url))
// Below node_modules: git does not see it, and bench's packages are found from there.
const folder = `${bench}node_modules/.cache/fal-llm`
const frameworks = /^(react|react-dom|vue|svelte)(\/|$)/

// Vite's own helper, once per app, whatever the app uses of ours.
const withoutPreloads: Plugin = {
  name: 'without-preloads',
  enforce: 'pre',
  load: (id) =>
    id.includes('vite/preload-helper')
      ? 'export const __vitePreload = (load) => load()'
      : undefined,
}

/** What a page would load. */
export interface FirstLoad {
  readonly kib: number
  /** Imported on first use. */
  readonly laterKib: number
  /** The files loaded first, largest first: minified, before gzip. */
  readonly files: readonly (readonly [path: string, bytes: number])[]
}

/** Bundles some code and weighs it. `outside` names packages to leave out besides the frameworks. */
export async function weigh(code: string, outside?: RegExp): Promise<FirstLoad> {
  await mkdir(folder, { recursive: true })
  const entry = `${folder}/weighed.ts`
  await writeFile(entry, code)
  // Called without watching, it resolves with what it made.
  const { output } = (await build({
    root: bench,
    configFile: false,
    logLevel: 'error',
    plugins: [withoutPreloads],
    // The sources are what the dist is made of; a build of last week is not.
    resolve: { conditions: ['@fal-llm/source', ...defaultClientConditions] },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rollupOptions: {
        input: entry,
        // As in an app, what a part loaded on use shares with the entry stays in the entry's one file.
        preserveEntrySignatures: 'allow-extension',
        external: (name) => frameworks.test(name) || outside?.test(name) === true,
      },
    },
  })) as Rollup.RollupOutput
  const chunks = output.filter((file) => file.type === 'chunk')
  const first = loadedFirst(chunks)
  const kibOf = (some: readonly Rollup.OutputChunk[]): number =>
    some.reduce((sum, chunk) => sum + gzipSync(chunk.code, { level: 9 }).length, 0) / 1_024
  const files = first.flatMap(({ modules }) =>
    Object.entries(modules).map(([path, { renderedLength }]) => [path, renderedLength] as const),
  )
  return {
    kib: kibOf(first),
    laterKib: kibOf(chunks.filter((chunk) => !first.includes(chunk))),
    files: files.toSorted(([, left], [, right]) => right - left),
  }
}

/** The entry and what it imports at once. */
function loadedFirst(chunks: readonly Rollup.OutputChunk[]): readonly Rollup.OutputChunk[] {
  const found = new Set(chunks.filter((chunk) => chunk.isEntry))
  for (const { imports } of found) {
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) found.add(chunk)
  }
  return [...found]
}
