import type { Emulator } from '@fal-llm/emulator'
import { createFalProxy } from '@fal-llm/server'

const isDevelopment = process.env.NODE_ENV === 'development'

/** The only place that knows the key. */
export const falProxy = createFalProxy({
  // Who may ask, and so spend on your key. In production: nobody, until you look at your own session here.
  authorize: () => isDevelopment,
  onError: (error, stage) => console.error(`fal proxy, ${stage}:`, error),
  ...(isDevelopment && !process.env.FAL_KEY && { credentials: 'emulator:any', fetch: askEmulator }),
})

let emulator: Promise<Emulator> | undefined

/** Without a key, what would go to fal goes to the emulator, in this process. */
async function askEmulator(...call: Parameters<typeof fetch>): Promise<Response> {
  emulator ??= startEmulator()
  return (await emulator).fetch(new Request(...call))
}

async function startEmulator(): Promise<Emulator> {
  // Said once more, literally: a build leaves out what stands behind it.
  if (process.env.NODE_ENV !== 'development') throw new Error('The emulator is for development')
  const { createEmulator } = await import('@fal-llm/emulator')
  console.log('fal-llm: no FAL_KEY, answers come from the emulator')
  return createEmulator({ tokensPerSecond: 60, firstTokenMs: 200 })
}
