import { chatCommands, createChatOwner } from '@fal-llm/core/binding'
import type { Chat, ChatCommands, ChatState, EndpointId } from '@fal-llm/core'
import type { DefaultEndpointId } from '@fal-llm/core/binding'
import type { CreateFalChatOptions } from './create-fal-chat.ts'
import { getFalLlm } from './fal-llm-context.ts'
import { withComponent } from './in-component.ts'
import { bridgesToRunes } from './svelte-5.ts'
import { withFields } from './with-fields.ts'

/** A conversation with reactive getters. Do not destructure the state: a getter is tracked where it is read. */
export type FalChatRunes<Metadata = unknown> = Readonly<ChatState<Metadata>> &
  ChatCommands<Metadata> &
  Pick<Chat<Metadata>, 'setOptions' | 'destroy'> & { readonly chat: Chat<Metadata> }

/**
 * Holds a conversation for a component: reactive getters of its state, its commands, and the chat itself.
 * Options in a getter or in `$state` are live: a changed `id` opens that conversation, any other change patches.
 */
export function useFalChat<E extends EndpointId = DefaultEndpointId, Metadata = unknown>(
  options: CreateFalChatOptions<E, Metadata> | (() => CreateFalChatOptions<E, Metadata>) = {},
): FalChatRunes<Metadata> {
  const { toStore } = bridgesToRunes()
  // Reads every option, so that one changed in place is heard of.
  const read = (): CreateFalChatOptions<E, Metadata> => ({
    ...(typeof options === 'function' ? options() : options),
  })
  const owner = createChatOwner<E, Metadata>({ llm: getFalLlm() })
  const chat = owner.chatOf(read())
  const unfollow = toStore(read).subscribe((source) => owner.follow(source, source.onDestroy))
  withComponent(() => {
    unfollow()
    owner.release(chat)
  })

  const { setOptions, destroy } = chat
  return withFields(chat, { ...chatCommands(() => chat), setOptions, destroy, chat })
}
