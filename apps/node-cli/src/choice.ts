import { endpoints } from '@fal-llm/core'
import type { ChatMessage, ChatOptions, Endpoint } from '@fal-llm/core'
import type { Settings } from './arguments.ts'
import { findEndpoint } from './find-endpoint.ts'
import { findModel } from './find-model.ts'

/** What a conversation is held with. */
export interface Choice {
  readonly endpoint: Endpoint
  readonly model: string
  /** Empty for none. */
  readonly system: string
  readonly throughQueue: boolean
}

/**
 * What a conversation begins with: what the settings name, else what its last answer came from.
 *
 * @throws Misuse when there is no such endpoint or model.
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

/** Whether a turn holds pictures. Never throws. */
export function hasImages(
  messages: readonly ChatMessage[],
  messageId: string | null | undefined,
): boolean {
  const message = messages.find(({ id }) => id === messageId)
  return message?.parts.some(({ type }) => type === 'image') ?? false
}

/** The choice as options of a chat. Never throws. */
export function toChatOptions(
  { endpoint, model, system, throughQueue }: Choice,
  isKept: boolean,
): Required<Pick<ChatOptions, 'endpoint' | 'model' | 'system' | 'mode'>> {
  const usesQueue = throughQueue || !endpoint.supports.stream
  // What goes through the queue can be found again after a crash, where there is a place to keep its id.
  const mode = usesQueue ? (isKept ? 'durable' : 'queue') : 'stream'
  return { endpoint, model, system, mode }
}

/** The choice on another endpoint: the model stays where it is served there too, else the endpoint's default. Never throws. */
export function moveTo(choice: Choice, endpoint: Endpoint): Choice {
  const served = endpoint.modelsAreOpen || endpoint.models.some(({ id }) => id === choice.model)
  return { ...choice, endpoint, model: served ? choice.model : findModel(endpoint, undefined) }
}

/** The endpoint for a turn with pictures: the chosen one when it sees, else the first of its kind that does. Never throws. */
export function endpointForImages(endpoint: Endpoint): Endpoint {
  const known: readonly Endpoint[] = Object.values(endpoints)
  const seeing = known.find(({ kind, supports }) => kind === endpoint.kind && supports.images)
  return endpoint.supports.images ? endpoint : (seeing ?? endpoint)
}
