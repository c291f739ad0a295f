import { createFalLlm } from '@fal-llm/core'
import type { FalLlm } from '@fal-llm/core'
import { emulatorUrl } from './fal-target.ts'

/** Makes the client of a demo page: calls go through the page's own proxy, files straight to where fal, or the emulator, wants them. */
export function createDemoLlm(): FalLlm {
  return createFalLlm({
    proxyUrl: '/api/fal/proxy',
    ...(emulatorUrl !== undefined && { baseUrl: emulatorUrl }),
  })
}
