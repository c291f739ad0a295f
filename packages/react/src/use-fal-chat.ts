import { chatCommands, createChatOwner } from '@fal-llm/core/binding'
import type { Chat, ChatCommands, ChatState, EndpointId } from '@fal-llm/core'
import type { ChatOwner, ChatSource, OnRelease, DefaultEndpointId } from '@fal-llm/core/binding'
import { useEffect, useId, useMemo, useState, useSyncExternalStore } from 'react'
import { useProvidedLlm } from './fal-llm-provider.ts'

/** Options of a conversation of this component's own, or a chat made elsewhere. */
export type UseFalChatOptions<E extends EndpointId, Metadata> = ChatSource<E, Metadata> & {
  /** What becomes of an answer being written. Default: 'stop' for a chat of its own, nothing for a given one. */
  readonly onUnmount?: OnRelease
}

/**
 * Holds a conversation for a component: its state, its commands, and the chat itself.
 * Options are live: a changed `id` opens that conversation, any other change patches.
 */
export function useFalChat<E extends EndpointId = DefaultEndpointId, Metadata = unknown>(
  options: UseFalChatOptions<E, Metadata> = {},
): ChatState<Metadata> & ChatCommands<Metadata> & { readonly chat: Chat<Metadata> } {
  const llm = useProvidedLlm()
  const id = useId()
  const source = llm ? { llm, ...options } : options
  const [owner] = useState((): ChatOwner<E, Metadata> => createChatOwner({ id, llm }))
  const chat = owner.chatOf(source)
  const state = useSyncExternalStore(chat.subscribe, chat.getState, chat.getServerState)
  const commands = useMemo(() => chatCommands(() => chat), [chat])

  useEffect(() => owner.follow(source, options.onUnmount))
  useEffect(() => () => owner.release(chat), [owner, chat])

  return { ...state, ...commands, chat }
}
