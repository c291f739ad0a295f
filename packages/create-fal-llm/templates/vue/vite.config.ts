import { falLlm } from '@fal-llm/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// falLlm() answers /api/fal/proxy in development and preview, with FAL_KEY or, without one, with the emulator.
export default defineConfig({ plugins: [vue(), falLlm()] })
