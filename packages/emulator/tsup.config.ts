import { copyFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', bin: 'src/cli/bin.ts' },
  format: 'esm',
  target: 'es2022',
  dts: { entry: 'src/index.ts' },
  sourcemap: true,
  clean: true,
  // Loaded by path into other programs, so it stays a file of its own.
  onSuccess: () => copyFile('src/cli/preload.mjs', 'dist/preload.mjs'),
})
