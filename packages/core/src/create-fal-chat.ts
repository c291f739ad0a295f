import type { Chat, ChatOptions } from './chat/chat.ts'
import { createChat } from './chat/create-chat.ts'
import type { EndpointId } from './endpoints/index.ts'
import type { DefaultEndpointId } from './endpoints/default-endpoint.ts'

/**
 * Creates a conversation. Nothing is sent before the first `send`; `llm` defaults to `createFalLlm()`.
 * Never throws: a wrong endpoint or parameter shows on the answer it spoils.
 */
export function createFalChat<E extends EndpointId = DefaultEndpointId, Metadata = unknown>(
  options: ChatOptions<E, Metadata> = {},
): Chat<Metadata> {
  // The types of E have done their work at the call; inside, every endpoint is treated alike.
  const anyOptions = options as ChatOptions<EndpointId, Metadata>
  return createChat<Metadata>(anyOptions)
}
