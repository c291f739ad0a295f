import { copyFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/cli.ts'],
  format: 'esm',
  target: 'es2022',
  dts: { entry: 'src/index.ts' },
  sourcemap: true,
  clean: true,
  // Loaded by path into other programs, so it stays a file of its own.
  onSuccess: () => copyFile('src/preload.mjs', 'dist/preload.mjs'),
})
