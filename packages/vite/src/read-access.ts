import { loadEnv } from 'vite'
import type { ResolvedConfig } from 'vite'

/** How fal is to be reached. */
export interface Access {
  readonly key: string | undefined
  /** Stands for fal's hosts, such as an emulator on a port. */
  readonly baseUrl: string | undefined
  /** Whether there is anything to reach it with. */
  readonly isLive: boolean
}

/** Reads FAL_KEY (or its two halves) and FAL_BASE_URL from the environment, and from `.env` files for what is not there. */
export function readAccess({ mode, envDir }: Pick<ResolvedConfig, 'mode' | 'envDir'>): Access {
  // Every name, not only those with Vite's prefix: what has the prefix is given to pages.
  const env = loadEnv(mode, envDir, '')
  const read = (name: string): string | undefined => env[name]?.trim() || undefined
  const [id, secret] = [read('FAL_KEY_ID'), read('FAL_KEY_SECRET')]
  const key = read('FAL_KEY') ?? (id && secret ? `${id}:${secret}` : undefined)
  const baseUrl = read('FAL_BASE_URL')
  return { key, baseUrl, isLive: key !== undefined || baseUrl !== undefined }
}
