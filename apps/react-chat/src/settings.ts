import { chatEndpoints, firstModelOf } from '@fal-llm/app-shared/view/chat-endpoints'
import type { ChatOptions, Endpoint, EndpointId } from '@fal-llm/react'

/** What the reader chose to talk to. */
export interface Settings {
  readonly endpoint: Endpoint
  readonly model: string
  readonly reasoning: boolean
}

/** The settings with another endpoint; the model stays where that endpoint has it. Never throws. */
export function withEndpoint(settings: Settings, endpoint: Endpoint): Settings {
  const keeps = endpoint.models.some((model) => model.id === settings.model)
  return { ...settings, endpoint, model: keeps ? settings.model : firstModelOf(endpoint) }
}

/** What a first visit begins with. */
export function initialSettings(): Settings {
  const [endpoint] = chatEndpoints
  if (!endpoint) throw new Error('No endpoint takes a prompt alone')
  return { endpoint, model: firstModelOf(endpoint), reasoning: false }
}

/** The settings as a chat's options. Never throws. */
export function toChatOptions({ endpoint, model, reasoning }: Settings): ChatOptions<EndpointId> {
  return { endpoint, model, params: { reasoning } }
}
