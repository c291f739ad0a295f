import type { FalClient } from '@fal-ai/client'
import type { FalFetchCall, FalFetchOptions } from './fal-fetch.ts'

/** Gives out a client whose requests go through our policy. */
export type FalClientLoader = (call?: FalFetchCall) => Promise<FalClient>

/** Prepares @fal-ai/client. It is loaded with the first call, not before: a chat that only streams never carries it. */
export function createFalClientLoader(options: FalFetchOptions): FalClientLoader {
  return async (call) => {
    const [module, { createFalFetch }] = await Promise.all([
      import('@fal-ai/client'),
      import('./fal-fetch.ts'),
    ])
    // It is CommonJS: some bundlers put its exports on `default`.
    const { createFalClient } =
      'createFalClient' in module ? module : (module as { default: typeof module }).default
    return createFalClient({
      // The key is added by our fetch, to fal's own hosts only.
      credentials: () => undefined,
      suppressLocalCredentialsWarning: true,
      fetch: createFalFetch(options, call),
    })
  }
}
