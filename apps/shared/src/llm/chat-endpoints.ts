import { endpoints, validateInput } from '@fal-llm/core'
import type { Endpoint, EndpointId } from '@fal-llm/core'

/** The endpoints for which a prompt alone is a whole request. */
export const chatEndpoints: readonly Endpoint<EndpointId>[] = Object.values(endpoints).filter(
  (endpoint) =>
    endpoint.kind === 'prompt' &&
    validateInput(endpoint, { prompt: 'Hello', model: firstModelOf(endpoint) }).ok,
)

/** The model to begin with: the endpoint's own default, else the first it lists. */
export function firstModelOf(endpoint: Endpoint): string {
  return endpoint.defaultModel ?? endpoint.models[0]?.id ?? ''
}
