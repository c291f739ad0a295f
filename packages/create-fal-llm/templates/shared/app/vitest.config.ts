import { defineConfig } from 'vitest/config'

// The tests speak to an emulator of their own and need nothing of the app's server.
export default defineConfig({ test: { include: ['**/*.test.ts'] } })
