import { endpoints } from '@fal-llm/core'
import type { Endpoint } from '@fal-llm/core'
import { Misuse } from './misuse.ts'

/**
 * Finds an endpoint by its id.
 *
 * @throws Misuse that lists those there are.
 */
export function findEndpoint(id: string): Endpoint {
  const known: readonly Endpoint[] = Object.values(endpoints)
  const found = known.find((endpoint) => endpoint.id === id)
  if (found) return found
  const ids = known.map((endpoint) => endpoint.id).join(', ')
  throw new Misuse(`There is no endpoint "${id}"; there are ${ids}.`)
}
