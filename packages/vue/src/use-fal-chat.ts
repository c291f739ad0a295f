import { chatCommands, createChatOwner } from '@fal-llm/core/binding'
import type { Chat, ChatCommands, ChatState, EndpointId } from '@fal-llm/core'
import type { ChatSource, OnRelease, DefaultEndpointId } from '@fal-llm/core/binding'
import { computed, onScopeDispose, toRaw, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, ShallowRef } from 'vue'
import { useProvidedLlm } from './fal-llm-plugin.ts'
import { stableId } from './stable-id.ts'
import { usePublished } from './use-published.ts'
import type { FieldRefs } from './use-published.ts'

/** Options of a conversation of this scope's own, or a chat made elsewhere. */
export type UseFalChatOptions<E extends EndpointId, Metadata> = ChatSource<E, Metadata> & {
  /** What becomes of an answer being written. Default: 'stop' for a chat of its own, nothing for a given one. */
  readonly onDispose?: OnRelease
}

/**
 * Holds a conversation for a component or an effect scope: a ref per field of its state, its commands, and the chat itself.
 * Options are live, as a ref, a getter or a reactive object: a changed `id` opens that conversation, any other change patches.
 */
export function useFalChat<E extends EndpointId = DefaultEndpointId, Metadata = unknown>(
  options: MaybeRefOrGetter<UseFalChatOptions<E, Metadata>> = {},
): FieldRefs<ChatState<Metadata>> &
  ChatCommands<Metadata> & { readonly chat: Readonly<ShallowRef<Chat<Metadata>>> } {
  const id = stableId()
  const owner = createChatOwner<E, Metadata>({
    llm: useProvidedLlm(),
    ...(id !== undefined && { id }),
  })
  // A chat out of a deep ref would be wrapped.
  const chat = computed(() => toRaw(owner.chatOf(toValue(options))))

  watch(
    // Reads every option, so that one changed in place is heard of.
    () => ({ ...toValue(options) }),
    (source) => owner.follow(source, source.onDispose),
    { immediate: true },
  )
  watch(chat, (_, previous) => owner.release(previous))
  onScopeDispose(() => owner.release(chat.value))

  return { ...usePublished(() => chat.value), ...chatCommands(() => chat.value), chat }
}
