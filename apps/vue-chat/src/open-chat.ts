import { createTurns } from '@fal-llm/app-shared/llm/turns'
import type { Turns, TurnsOptions } from '@fal-llm/app-shared/llm/turns'
import type { useFalChat } from '@fal-llm/vue'
import { inject, provide } from 'vue'
import type { InjectionKey } from 'vue'

type FalChat = ReturnType<typeof useFalChat>

/** The conversation on the screen: its refs and commands, and its turns. */
export type OpenChat = FalChat & { readonly turns: Turns }

const openChatKey: InjectionKey<OpenChat> = Symbol('open chat')

/** Gives a conversation to every component beneath this one. */
export function provideOpenChat(falChat: FalChat, options: TurnsOptions): OpenChat {
  // The chat stays the same object when another conversation is opened in it.
  const openChat = { ...falChat, turns: createTurns(falChat.chat.value, options) }
  provide(openChatKey, openChat)
  return openChat
}

/**
 * The conversation on the screen.
 *
 * @throws Error outside a component that has one above it.
 */
export function useOpenChat(): OpenChat {
  const openChat = inject(openChatKey)
  if (!openChat) throw new Error('No chat here: call provideOpenChat() in a component above')
  return openChat
}
