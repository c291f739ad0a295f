import { chatCommands, createChatOwner } from '@fal-llm/core/binding'
import type { Chat, ChatCommands, ChatState, EndpointId } from '@fal-llm/core'
import type { ChatSource, OnRelease, DefaultEndpointId } from '@fal-llm/core/binding'
import type { Readable } from 'svelte/store'
import { getProvidedLlm } from './fal-llm-context.ts'
import { fieldStores } from './field-stores.ts'
import type { FieldStores } from './field-stores.ts'
import { withComponent } from './in-component.ts'

/** Options of a new conversation, or a chat made elsewhere. */
export type CreateFalChatOptions<E extends EndpointId, Metadata> = ChatSource<E, Metadata> & {
  /**
   * What becomes of an answer being written when the component that called is destroyed.
   * Default: 'stop' for a new conversation, nothing for a given chat.
   */
  readonly onDestroy?: OnRelease
}

/** A conversation as stores: the object is a store of the whole state, and has one per field beside its commands. */
export type FalChatStores<Metadata = unknown> = Readable<ChatState<Metadata>> &
  FieldStores<ChatState<Metadata>> &
  ChatCommands<Metadata> &
  Pick<Chat<Metadata>, 'setOptions' | 'destroy'> & { readonly chat: Chat<Metadata> }

/**
 * Creates a conversation as stores: `$chat.usage`, or `$messages` of `const { messages } = chat`.
 * A field's store speaks only when its field changed. Called outside a component it lives until `destroy()`.
 */
export function createFalChat<E extends EndpointId = DefaultEndpointId, Metadata = unknown>(
  options: CreateFalChatOptions<E, Metadata> = {},
): FalChatStores<Metadata> {
  const owner = createChatOwner<E, Metadata>({ llm: getProvidedLlm() })
  const chat = owner.chatOf(options)
  owner.follow(options, options.onDestroy)
  withComponent(() => owner.release(chat))

  const { setOptions, destroy } = chat
  return { ...fieldStores(chat), ...chatCommands(() => chat), setOptions, destroy, chat }
}
