import vue from '@vitejs/plugin-vue'
import { falProxy } from '@fal-llm/app-shared/vite'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  plugins: [vue({ features: { optionsAPI: false } }), falProxy()],
  // The packages' sources, so nothing has to be built first.
  resolve: { conditions: ['@fal-llm/source', ...defaultClientConditions] },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
})
