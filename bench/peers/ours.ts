import { createFalLlm } from '@fal-llm/core'
import type { ChatMessage, FalLlm } from '@fal-llm/core'
// The inside of `generate`: an engine and a screen are measured here, not the wire.
import { createRun } from '../../packages/core/src/generate/run.ts'
import { systemClock } from '../../packages/core/src/clock.ts'
import { createDeadline } from '../../packages/core/src/deadline.ts'
import type { ReadTokens, Turn } from './conversation.ts'

/** Creates a client whose answers are these tokens. Everything of `generate` runs but the wire. */
export function createOurLlm(readTokens: ReadTokens): FalLlm {
  const generate = () =>
    createRun({
      deadline: createDeadline(systemClock),
      endpoint: 'openrouter/router',
      model: 'bench/model',
      promptTokens: () => 1,
      async work(emit) {
        for await (const tokens of readTokens()) {
          for (const delta of tokens) emit({ type: 'text-delta', delta })
        }
        emit({ type: 'finish', reason: 'stop' })
      },
    })
  return { ...createFalLlm(), generate }
}

/** The turns as our messages. */
export function toOurMessages(turns: readonly Turn[]): readonly ChatMessage[] {
  return turns.map(({ id, role, text }, index) => ({
    id,
    role,
    text,
    parts: [{ type: 'text', text }],
    reasoning: '',
    status: 'done',
    error: undefined,
    createdAt: index,
    parentId: turns[index - 1]?.id ?? null,
    branch: { index: 0, count: 1 },
  }))
}
