import { FalLlmError } from '../errors.ts'
import type { Endpoint } from './endpoint.ts'
import { nearest } from './validate/nearest.ts'
import { endpoints } from './registry.ts'

/**
 * Finds an endpoint by its id; an endpoint of your own passes unchanged.
 *
 * @throws FalLlmError `not-found` for an id that is not known here, naming the nearest that is.
 */
export function resolveEndpoint(endpoint: string | Endpoint): Endpoint {
  if (typeof endpoint === 'object' && endpoint !== null) return endpoint
  const known = Object.values(endpoints)
  const found = known.find(({ id }) => id === endpoint)
  if (found) return found
  const ids = known.map(({ id }) => id)
  const similar = nearest(endpoint, ids)
  const hint = similar === undefined ? `Known: ${ids.join(', ')}.` : `Did you mean "${similar}"?`
  const message = `Unknown endpoint "${String(endpoint).slice(0, 100)}". ${hint} For your own fal app use defineEndpoint().`
  const issues = [{ path: 'endpoint', message, type: 'value_error' }]
  throw new FalLlmError('not-found', message, { issues })
}
