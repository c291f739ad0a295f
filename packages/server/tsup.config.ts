import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['index', 'node', 'next', 'hono', 'sveltekit', 'nuxt'].map((door) => `src/${door}.ts`),
  format: 'esm',
  target: 'es2022',
  dts: true,
  sourcemap: true,
  clean: true,
})
