import vue from '@vitejs/plugin-vue'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineProject } from 'vitest/config'

// A project of its own: single-file components take a compiler.
const source = '@fal-llm/source'

export default defineProject({
  plugins: [vue()],
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  test: {
    name: 'vue-chat',
    environment: 'jsdom',
    testTimeout: 30_000,
    include: ['src/**/*.test.ts'],
  },
})
