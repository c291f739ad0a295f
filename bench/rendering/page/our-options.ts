import { createFalLlm } from '@fal-llm/core'
import type { ChatMessage, ChatOptions, FalLlm } from '@fal-llm/core'
// The inside of `generate`: these pages are about the screen, not about the wire.
import { createRun } from '../../../packages/core/src/generate/run.ts'
import { systemClock } from '../../../packages/core/src/clock.ts'
import { createWatch } from '../../../packages/core/src/deadline.ts'
import { history } from './history.ts'
import { numberParameter } from './parameters.ts'
import { readTokens } from './source.ts'

const llm: FalLlm = {
  ...createFalLlm(),
  // Everything of `generate` but the wire.
  generate: () =>
    createRun({
      watch: createWatch(systemClock),
      endpoint: 'openrouter/router',
      model: 'bench/model',
      promptTokens: () => 1,
      async work(emit) {
        for await (const tokens of readTokens()) {
          for (const delta of tokens) emit({ type: 'text-delta', delta })
        }
        emit({ type: 'finish', reason: 'stop' })
      },
    }),
}

const messages = history.map(({ id, role, text }, index): ChatMessage => ({
  id,
  role,
  text,
  parts: [{ type: 'text', text }],
  reasoning: '',
  status: 'done',
  error: undefined,
  createdAt: index,
  parentId: index === 0 ? null : `m${index - 1}`,
  branch: { index: 0, count: 1 },
}))

const flushMs = numberParameter('flush')
const flush: NonNullable<ChatOptions['flush']> = Number.isNaN(flushMs) ? 'frame' : flushMs

/** What our chat is made with, in every framework. */
export const ourOptions = { llm, messages, model: 'bench/model', flush } as const
