import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/runes.ts'],
  format: 'esm',
  target: 'es2022',
  splitting: true,
  dts: true,
  sourcemap: true,
  clean: true,
})
