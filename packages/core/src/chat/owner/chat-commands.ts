import type { Chat } from '../chat.ts'

const names = [
  'send',
  'stop',
  'detach',
  'regenerate',
  'edit',
  'retry',
  'continue',
  'resume',
  'switchBranch',
  'cancelQueued',
  'sendQueuedNow',
  'setMessages',
  'append',
  'update',
  'remove',
  'clear',
  'clearError',
  'rename',
  'estimate',
] as const

/** The commands a screen gives to its buttons. */
export type ChatCommands<Metadata = unknown> = Pick<Chat<Metadata>, (typeof names)[number]>

/** The commands alone, to be handed on one by one. They go to the chat that `chat` returns when they are called. */
export function chatCommands<Metadata>(chat: () => Chat<Metadata>): ChatCommands<Metadata> {
  const forward = (name: keyof ChatCommands) => {
    return (...inputs: never[]): unknown => {
      const command: (...inputs: never[]) => unknown = chat()[name]
      return command(...inputs)
    }
  }
  // Each name has the command of that name, inputs and result passed on as they are.
  return Object.fromEntries(names.map((name) => [name, forward(name)])) as ChatCommands<Metadata>
}
