import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineProject } from 'vitest/config'

// Only this package has components to compile, for its tests; what it ships is plain TypeScript.
const source = '@fal-llm/source'

export default defineProject({
  plugins: [svelte({ configFile: false })],
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  test: {
    name: 'svelte',
    environment: 'happy-dom',
    testTimeout: 30_000,
    include: ['src/**/*.test.ts'],
  },
})
