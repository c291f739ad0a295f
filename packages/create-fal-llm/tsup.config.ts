import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/cli.ts'],
  format: 'esm',
  target: 'node20',
  // What needs a newer Node than the check in cli.ts is a file of its own.
  splitting: true,
  clean: true,
})
