import { createFalChat } from '@fal-llm/core'
import type { Chat, ChatOptions, ChatState, EndpointId } from '@fal-llm/core'
import { useEffect, useId, useState, useSyncExternalStore } from 'react'
import { useFalLlm } from './fal-llm-provider.ts'

/** A chat's commands, as they are on the chat itself; they keep their identity. */
export type ChatCommands<Metadata> = Pick<
  Chat<Metadata>,
  | 'send'
  | 'stop'
  | 'detach'
  | 'regenerate'
  | 'edit'
  | 'retry'
  | 'switchBranch'
  | 'cancelQueued'
  | 'sendQueuedNow'
  | 'setMessages'
  | 'remove'
  | 'clear'
  | 'clearError'
>

/** Options of a conversation of this component's own, or a chat made elsewhere. */
export type UseFalChatOptions<E extends EndpointId, Metadata> = (
  | ChatOptions<E, Metadata>
  | { readonly chat: Chat<Metadata> }
) & {
  /** What becomes of an answer being written. Default: 'stop' for a chat of its own, nothing for a given one. */
  readonly onUnmount?: 'stop' | 'detach'
}

/**
 * Holds a conversation for a component: its state, its commands, and the chat itself.
 * Options are live: a changed `id` opens that conversation, any other change patches.
 */
export function useFalChat<E extends EndpointId = 'openrouter/router', Metadata = unknown>(
  options: UseFalChatOptions<E, Metadata> = {},
): ChatState<Metadata> & ChatCommands<Metadata> & { readonly chat: Chat<Metadata> } {
  const llm = useFalLlm()
  const id = useId()
  const given = 'chat' in options ? options.chat : undefined
  const [own] = useState(() => given ?? createFalChat<E, Metadata>({ id, llm, ...options }))
  const chat = given ?? own
  const state = useSyncExternalStore(chat.subscribe, chat.getState, chat.getServerState)

  useEffect(() => {
    if ('chat' in options) return
    const { onUnmount: _, ...patch } = options
    // Inside a chat every endpoint is treated alike: the types of E did their work at the call.
    chat.setOptions({ llm, ...(patch as ChatOptions<EndpointId, Metadata>) })
  })
  const onUnmount = options.onUnmount ?? (given ? undefined : 'stop')
  useEffect(
    () => () => {
      if (onUnmount === 'stop') void chat.stop()
      if (onUnmount === 'detach') chat.detach()
    },
    [chat, onUnmount],
  )

  return { ...state, ...commandsOf(chat), chat }
}

function commandsOf<Metadata>(chat: Chat<Metadata>): ChatCommands<Metadata> {
  const { send, stop, detach, regenerate, edit, retry, switchBranch, cancelQueued } = chat
  const { sendQueuedNow, setMessages, remove, clear, clearError } = chat
  return {
    send,
    stop,
    detach,
    regenerate,
    edit,
    retry,
    switchBranch,
    cancelQueued,
    sendQueuedNow,
    setMessages,
    remove,
    clear,
    clearError,
  }
}
