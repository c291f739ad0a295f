import { defineConfig } from 'vitest/config'

// The tests speak to an emulator of their own and need nothing of the app's server; a busy machine may take long over it.
export default defineConfig({ test: { include: ['**/*.test.ts'], testTimeout: 30_000 } })
