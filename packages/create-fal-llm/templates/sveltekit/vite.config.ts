import { falLlm } from '@fal-llm/vite'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

// falLlm() answers /api/fal/proxy in development and preview, with FAL_KEY or, without one, with the emulator.
// In production src/routes/api/fal/proxy/+server.ts does.
export default defineConfig({ plugins: [falLlm(), sveltekit()] })
