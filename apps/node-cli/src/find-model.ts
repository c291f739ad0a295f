import type { Endpoint } from '@fal-llm/core'
import { Misuse } from './misuse.ts'

/**
 * Finds the model someone means: by its id, or by any part of it that fits only one ("gpt-4.1"); undefined means the
 * endpoint's default. Where the catalogue is open, any "vendor/model" passes.
 *
 * @throws Misuse that lists what fits.
 */
export function findModel(endpoint: Endpoint, wanted: string | undefined): string {
  const ids = endpoint.models.map((model) => model.id)
  if (wanted === undefined) return endpoint.defaultModel ?? ids[0] ?? ''
  if (ids.includes(wanted)) return wanted
  if (endpoint.modelsAreOpen && /^[^/\s]+\/\S+$/.test(wanted)) return wanted
  const named = ids.filter((id) => id.endsWith(`/${wanted}`))
  const similar = named.length > 0 ? named : ids.filter((id) => id.includes(wanted))
  const [only, ...others] = similar
  if (only !== undefined && others.length === 0) return only
  throw new Misuse(
    only === undefined
      ? `${endpoint.id} has no model "${wanted}"; it has ${ids.join(', ')}.`
      : `"${wanted}" may be ${similar.join(', ')}; say which.`,
  )
}
