import type { EndpointId } from '../../endpoints/index.ts'
import type { FalLlm } from '../../generate/fal-llm.ts'
import { followOptions } from './follow-options.ts'
import type { Chat, ChatOptions } from '../chat.ts'
import { createChat } from '../create-chat.ts'

/** Options of a conversation of a component's own, or a chat made elsewhere. */
export type ChatSource<E extends EndpointId = EndpointId, Metadata = unknown> =
  | ChatOptions<E, Metadata>
  | { readonly chat: Chat<Metadata> }

/** What becomes of an answer being written when its component goes away. */
export type OnRelease = 'stop' | 'detach'

/** What a component does with its conversation. */
export interface ChatOwner<E extends EndpointId, Metadata> {
  /** The chat that is given, or else the component's own: one, made when it is first asked for. */
  chatOf(source: ChatSource<E, Metadata>): Chat<Metadata>
  /** Tells the own chat its options again, whole. A given chat keeps those it has. */
  follow(source: ChatSource<E, Metadata>, onRelease: OnRelease | undefined): void
  /** The component goes away, or turns to another chat. Default: an own chat stops, a given one goes on. */
  release(chat: Chat<Metadata>): void
}

/** Creates the owner of a component's conversation; `defaults` are its own chat's, where its options do not say. Sends nothing. */
export function createChatOwner<E extends EndpointId = EndpointId, Metadata = unknown>(defaults: {
  readonly id?: string
  readonly llm?: FalLlm | undefined
}): ChatOwner<E, Metadata> {
  let own: Chat<Metadata> | undefined
  let patch = (_options: ChatOptions<EndpointId, Metadata>): void => {}
  let ending: OnRelease | undefined
  // The types of E have done their work at the call; inside, every endpoint is treated alike.
  const wholeOf = (given: ChatOptions<E, Metadata>): ChatOptions<EndpointId, Metadata> => {
    const options = given as ChatOptions<EndpointId, Metadata>
    const { id = options.id, llm = options.llm } = defaults
    return {
      ...(id !== undefined && { id }),
      ...options,
      ...(llm && { llm: options.llm ?? llm }),
    }
  }

  return {
    chatOf(source) {
      if ('chat' in source) return source.chat
      if (own) return own
      const options = wholeOf(source)
      own = createChat<Metadata>(options)
      patch = followOptions(own, options)
      return own
    },
    follow(source, onRelease) {
      ending = onRelease
      if (!('chat' in source)) patch(wholeOf(source))
    },
    release(chat) {
      const how = ending ?? (chat === own ? 'stop' : undefined)
      if (how === 'stop') void chat.stop()
      if (how === 'detach') chat.detach()
    },
  }
}
