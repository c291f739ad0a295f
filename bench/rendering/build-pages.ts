// Every page's script as a production app has it: built by Vite, minified, our packages from their sources.

import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build, defaultClientConditions } from 'vite'
import type { Rollup } from 'vite'

const bench = fileURLToPath(new URL('..', import.meta.url))

/** The scripts by file name. A page's own is named after it: `floor.js`. */
export async function buildPages(pages: readonly string[]): Promise<ReadonlyMap<string, string>> {
  // Called without watching, it resolves with what it made.
  const { output } = (await build({
    root: bench,
    configFile: false,
    mode: 'production',
    logLevel: 'error',
    plugins: [svelte({ configFile: false })],
    resolve: {
      conditions: ['@fal-llm/source', ...defaultClientConditions],
      alias: { 'react-chat/markdown': `${bench}../apps/react-chat/src/markdown.tsx` },
      dedupe: ['react', 'react-dom', 'vue', 'svelte'],
    },
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      modulePreload: false,
      rollupOptions: {
        input: Object.fromEntries(
          pages.map((page) => [page, `${bench}rendering/page/${page}.ts`] as const),
        ),
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
      },
    },
  })) as Rollup.RollupOutput
  const chunks = output.filter((file) => file.type === 'chunk')
  return new Map(chunks.map(({ fileName, code }) => [fileName, code]))
}
