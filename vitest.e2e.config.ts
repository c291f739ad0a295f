import { defineConfig } from 'vitest/config'

// The demos as a person meets them: started by their own script, used in a real browser.
export default defineConfig({
  test: {
    // A browser on a machine that is busy may be late once; a defect is late twice.
    retry: process.env['CI'] ? 1 : 0,
    name: 'e2e',
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'test-artefacts/reports/e2e.json' }]]
      : ['default'],
    include: ['apps/*/e2e/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Most of a test is waiting for words at the pace of a model.
    maxWorkers: 2,
    expect: { poll: { timeout: 20_000 } },
  },
})
