import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions } from 'vite'
import { defineProject } from 'vitest/config'

export default defineProject({
  plugins: [svelte()],
  resolve: { conditions: ['@fal-llm/source', ...defaultClientConditions] },
  test: {
    name: 'svelte-chat',
    environment: 'jsdom',
    testTimeout: 30_000,
    include: ['src/**/*.test.ts'],
  },
})
