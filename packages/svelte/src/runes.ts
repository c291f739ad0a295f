export { useFalChat } from './use-fal-chat.ts'
export type { FalChatRunes } from './use-fal-chat.ts'
export { useFalCompletion } from './use-fal-completion.ts'
export type { FalCompletionRunes } from './use-fal-completion.ts'
