// What each chat is made with, in every framework: the same turns before, and the same answer.

import type { ChatOptions } from '@fal-llm/core'
import { createAiOptions } from '../../peers/ai.ts'
import { createOurLlm, toOurMessages } from '../../peers/ours.ts'
import { numberParameter, readTokens } from './source.ts'
import { turns } from './stage.ts'

/** ai's. */
export const aiOptions = createAiOptions(readTokens, turns)

const flushMs = numberParameter('flush')
const flush: NonNullable<ChatOptions['flush']> = Number.isNaN(flushMs) ? 'frame' : flushMs

/** Ours. */
export const ourOptions = {
  llm: createOurLlm(readTokens),
  messages: toOurMessages(turns),
  model: 'bench/model',
  flush,
} as const
