import { createFalProxy } from '@fal-llm/server'
import { toSvelteKitHandlers } from '@fal-llm/server/sveltekit'

// The proxy in production; in development falLlm() of vite.config.ts answers instead. FAL_KEY comes from the environment.
const falProxy = createFalProxy({
  // Who may ask, and so spend on your key: nobody, until you look at your own session here.
  authorize: () => false,
  onError: (error, stage) => console.error(`fal proxy, ${stage}:`, error),
})

export const { GET, POST, PUT, OPTIONS } = toSvelteKitHandlers(falProxy)
