import { endpoints } from '@fal-llm/core'
import type { Endpoint } from '@fal-llm/core'
import { firstModelOf } from './chat-endpoints.ts'
import { toModelName } from '../text/model-groups.ts'

/** Who answers a turn. */
export interface Route {
  readonly endpoint: Endpoint
  readonly model: string
}

/** Who answers a turn with images: the one that is chosen if it looks at them, else one that does, with the same model where it has it. */
export function toImageRoute({ endpoint, model }: Route): Route {
  if (endpoint.supports.images) return { endpoint, model }
  const looking = Object.values(endpoints).filter(({ supports }) => supports.images)
  const other = looking.find(({ kind }) => kind === endpoint.kind) ?? looking[0]
  if (!other) return { endpoint, model }
  const knows = other.models.some(({ id }) => id === model)
  return { endpoint: other, model: knows ? model : firstModelOf(other) }
}

/** Says where images go, when that is not who was chosen. */
export function toRouteNote(chosen: Route): string | undefined {
  const { endpoint, model } = toImageRoute(chosen)
  if (endpoint.id === chosen.endpoint.id) return undefined
  return `With images, ${toModelName(model)} on ${endpoint.id} answers.`
}
