import { defineConfig } from 'tsup'

// The whole program in one folder: our own packages are put in from their sources, so it runs wherever it is linked from.
export default defineConfig({
  entry: ['src/cli.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
  noExternal: [/^@fal-llm\//],
  esbuildOptions(options) {
    options.conditions = ['@fal-llm/source']
  },
})
