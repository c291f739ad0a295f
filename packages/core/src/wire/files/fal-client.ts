import type { FalClient } from '@fal-ai/client'
import type { FalFetchCall, FalFetchOptions } from './fal-fetch.ts'

/** Gives out a client whose requests go through our policy. */
export type FalClientLoader = (call?: FalFetchCall) => Promise<FalClient>

/** Prepares @fal-ai/client. It is loaded with the first call, not before: a chat that only streams never carries it. */
export function createFalClientLoader(options: FalFetchOptions): FalClientLoader {
  let loaded: Promise<Parts> | undefined
  return async (call) => {
    loaded ??= load()
    const { createFalClient, createFalFetch } = await loaded.catch((error: unknown) => {
      // The network may be back at the next call.
      loaded = undefined
      throw error
    })
    return createFalClient({
      // The key is added by our fetch, to fal's own hosts only.
      credentials: () => undefined,
      suppressLocalCredentialsWarning: true,
      fetch: createFalFetch(options, call),
    })
  }
}

interface Parts {
  readonly createFalClient: typeof import('@fal-ai/client').createFalClient
  readonly createFalFetch: typeof import('./fal-fetch.ts').createFalFetch
}

async function load(): Promise<Parts> {
  const [module, { createFalFetch }] = await Promise.all([
    import('@fal-ai/client'),
    import('./fal-fetch.ts'),
  ])
  // It is CommonJS: some bundlers put its exports on `default`.
  const { createFalClient } =
    'createFalClient' in module ? module : (module as { default: typeof module }).default
  return { createFalClient, createFalFetch }
}
