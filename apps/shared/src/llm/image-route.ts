import { endpoints } from '@fal-llm/core'
import type { Endpoint } from '@fal-llm/core'
import { firstModelOf } from './chat-endpoints.ts'
import { toModelName } from '../text/model-groups.ts'

/** The endpoint and the model that answer a turn. */
export interface Route {
  readonly endpoint: Endpoint
  readonly model: string
}

/** The route of a turn with images: the chosen endpoint if it takes images, else one that does, with the same model where it has it. */
export function toImageRoute({ endpoint, model }: Route): Route {
  if (endpoint.supports.images) return { endpoint, model }
  const looking = Object.values(endpoints).filter(({ supports }) => supports.images)
  const other = looking.find(({ kind }) => kind === endpoint.kind) ?? looking[0]
  if (!other) return { endpoint, model }
  const knows = other.models.some(({ id }) => id === model)
  return { endpoint: other, model: knows ? model : firstModelOf(other) }
}

/** A note about the endpoint for images, when it is not the chosen one. */
export function toRouteNote(chosen: Route): string | undefined {
  const { endpoint, model } = toImageRoute(chosen)
  if (endpoint.id === chosen.endpoint.id) return undefined
  return `With images, ${toModelName(model)} on ${endpoint.id} answers.`
}
