import { endpoints } from '@fal-llm/core'
import type { ChatMessage, ChatOptions, Endpoint } from '@fal-llm/core'
import type { Settings } from './arguments.ts'
import { UsageError } from './usage-error.ts'

/** Which model answers the next turn, where, and how. */
export interface Choice {
  readonly endpoint: Endpoint
  readonly model: string
  /** Empty for none. */
  readonly system: string
  readonly throughQueue: boolean
}

const knownEndpoints: readonly Endpoint[] = Object.values(endpoints)

/**
 * Chooses what a conversation begins with: what the settings name, else what gave its last answer.
 *
 * @throws UsageError when there is no such endpoint or model.
 */
export function firstChoice(settings: Settings, messages: readonly ChatMessage[]): Choice {
  const last = messages.findLast(
    ({ role, parentId }) => role === 'assistant' && !hasImages(messages, parentId),
  )
  const endpoint = findEndpoint(settings.endpoint ?? last?.endpoint ?? 'openrouter/router')
  const lastModel = endpoint.id === last?.endpoint ? last.model : undefined
  return {
    endpoint,
    model: findModel(endpoint, settings.model ?? lastModel),
    system: settings.system ?? '',
    throughQueue: settings.throughQueue,
  }
}

/** Whether a message holds images. */
export function hasImages(
  messages: readonly ChatMessage[],
  messageId: string | null | undefined,
): boolean {
  const message = messages.find(({ id }) => id === messageId)
  return message?.parts.some(({ type }) => type === 'image') ?? false
}

/** The choice as options of a chat. */
export function toChatOptions(
  { endpoint, model, system, throughQueue }: Choice,
  isKept: boolean,
): Required<Pick<ChatOptions, 'endpoint' | 'model' | 'system' | 'mode'>> {
  const usesQueue = throughQueue || !endpoint.supports.stream
  // A durable answer is found again after a crash, but needs a storage for its request id.
  const mode = usesQueue ? (isKept ? 'durable' : 'queue') : 'stream'
  return { endpoint, model, system, mode }
}

/** The choice on another endpoint. The model stays where that endpoint serves it, else it is the endpoint's default. */
export function moveTo(choice: Choice, endpoint: Endpoint): Choice {
  const isServed = endpoint.modelsAreOpen || endpoint.models.some(({ id }) => id === choice.model)
  return { ...choice, endpoint, model: isServed ? choice.model : findModel(endpoint, undefined) }
}

/** The endpoint for a turn with images: the chosen one if it takes images, else the first of its kind that does. */
export function endpointForImages(endpoint: Endpoint): Endpoint {
  if (endpoint.supports.images) return endpoint
  const takesImages = knownEndpoints.find(
    ({ kind, supports }) => kind === endpoint.kind && supports.images,
  )
  return takesImages ?? endpoint
}

/**
 * Finds an endpoint by its id.
 *
 * @throws UsageError that lists those there are.
 */
export function findEndpoint(id: string): Endpoint {
  const found = knownEndpoints.find((endpoint) => endpoint.id === id)
  if (found) return found
  const ids = knownEndpoints.map((endpoint) => endpoint.id).join(', ')
  throw new UsageError(`There is no endpoint "${id}"; there are ${ids}.`)
}

/**
 * Finds a model by its id, or by any part of it that fits only one ("gpt-4.1"); undefined finds the endpoint's default.
 * Where the catalogue is open, any "vendor/model" passes.
 *
 * @throws UsageError that lists what fits.
 */
export function findModel(endpoint: Endpoint, wanted: string | undefined): string {
  const ids = endpoint.models.map((model) => model.id)
  if (wanted === undefined) return endpoint.defaultModel ?? ids[0] ?? ''
  if (ids.includes(wanted)) return wanted
  if (endpoint.modelsAreOpen && /^[^/\s]+\/\S+$/.test(wanted)) return wanted
  const named = ids.filter((id) => id.endsWith(`/${wanted}`))
  const similar = named.length > 0 ? named : ids.filter((id) => id.includes(wanted))
  const [only, ...others] = similar
  if (only === undefined) {
    throw new UsageError(`${endpoint.id} has no model "${wanted}"; it has ${ids.join(', ')}.`)
  }
  if (others.length === 0) return only
  throw new UsageError(`"${wanted}" may be ${similar.join(', ')}; say which.`)
}
