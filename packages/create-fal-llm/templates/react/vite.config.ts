import { falLlm } from '@fal-llm/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// falLlm() answers /api/fal/proxy in development and preview, with FAL_KEY or, without one, with the emulator.
export default defineConfig({ plugins: [react(), falLlm()] })
