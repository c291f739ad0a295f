// fal's prompt endpoints send the whole text so far in every event: `output` is a snapshot, repeats included, and
// `partial: false` marks the last one (fal docs, "HTTP over WebSockets", example of fal-ai/any-llm/stream; seeds 000–003).
// Whether `reasoning` is a snapshot too is not established: it gets the same prefix test.

import { FalLlmError } from '../../errors.ts'
import type { FinishReason, GenerationEvent } from '../../events.ts'
import { noAnswerError } from './no-answer.ts'
import { inBandError } from '../http/response-error.ts'
import type { Reading } from '../sse/sse.ts'
import { fieldsOf, isFields } from '../../json.ts'

/** Turns cumulative snapshots into deltas. Keeps one string per field, whatever the number of events. */
export interface SnapshotReader {
  /**
   * Takes one event's JSON.
   *
   * @returns `done` after the end marker.
   * @throws FalLlmError for an `error` inside the event; the text that came with it is emitted first.
   */
  read(snapshot: unknown): Reading
  /** Takes an answer that came in one piece: complete unless it says `partial: true`. Throws as `read` does. */
  readWhole(answer: unknown): void
  /** Takes what one field has grown by, where that is known without the whole event. */
  grow(field: 'output' | 'reasoning', added: string): void
  /**
   * The answer is over: says so if it was complete.
   *
   * @throws FalLlmError `interrupted` when the end marker is missing, `provider` when no event had an `output`.
   */
  end(): void
}

/** Starts reading one answer. `failure` is what its job's status said went wrong. */
export function createSnapshotReader(
  endpoint: string,
  requestId: string | undefined,
  emit: (event: GenerationEvent) => void,
  failure?: unknown,
): SnapshotReader {
  let text = ''
  let reasoning = ''
  let sawOutput = false
  let sawPartial = false
  let finished = false
  /** The last event while none had an `output`: an error says what it was. */
  let came: unknown

  const become = (nextText: string, nextReasoning: string): void => {
    if (nextText === text && nextReasoning === reasoning) return
    if (!nextText.startsWith(text) || !nextReasoning.startsWith(reasoning)) {
      emit({ type: 'reset', reason: 'rewrite' })
      text = ''
      reasoning = ''
    }
    const reasoningDelta = nextReasoning.slice(reasoning.length)
    const textDelta = nextText.slice(text.length)
    reasoning = nextReasoning
    text = nextText
    if (reasoningDelta) emit({ type: 'reasoning-delta', delta: reasoningDelta })
    if (textDelta) emit({ type: 'text-delta', delta: textDelta })
  }

  const take = (snapshot: unknown): boolean | undefined => {
    if (!sawOutput) came = snapshot
    const { output, reasoning: thought, partial, error, usage } = fieldsOf(snapshot)
    sawOutput ||= typeof output === 'string'
    sawPartial ||= typeof partial === 'boolean'
    become(
      typeof output === 'string' ? output : text,
      typeof thought === 'string' ? thought : reasoning,
    )
    if (isFailure(error)) throw inBandError(error, endpoint, requestId)
    emitUsage(usage, emit)
    return typeof partial === 'boolean' ? partial : undefined
  }
  const finish = (reason: FinishReason): void => {
    finished = true
    if (!sawOutput || (text === '' && failure !== undefined)) {
      throw noAnswerError(came, { endpoint, requestId, wordsAt: 'output', failure })
    }
    emit({ type: 'finish', reason })
  }

  return {
    read(snapshot) {
      if (take(snapshot) !== false) return 'more'
      finish('stop')
      return 'done'
    },
    readWhole(answer) {
      // fal leaves `partial` out of most whole answers; the default the schema gives is false.
      if (take(answer) !== true) finish('stop')
    },
    grow(field, added) {
      if (field === 'output') text += added
      else reasoning += added
      emit({ type: field === 'output' ? 'text-delta' : 'reasoning-delta', delta: added })
    },
    end() {
      if (finished) return
      if (came !== undefined && !sawPartial) return finish('unknown')
      throw new FalLlmError('interrupted', 'The answer ended before it was complete', {
        endpoint,
        requestId,
        retryable: true,
      })
    },
  }
}

function isFailure(error: unknown): boolean {
  return error !== undefined && error !== null && error !== '' && error !== false
}

/** Emits what a wire `usage` object says; anything else is passed over. Never throws. */
export function emitUsage(usage: unknown, emit: (event: GenerationEvent) => void): void {
  if (!isFields(usage)) return
  const count = (name: string): number => {
    const value = usage[name]
    return typeof value === 'number' && Number.isFinite(value) ? value : 0
  }
  const promptTokens = count('prompt_tokens')
  const completionTokens = count('completion_tokens')
  emit({
    type: 'usage',
    usage: {
      promptTokens,
      completionTokens,
      totalTokens: count('total_tokens') || promptTokens + completionTokens,
      costUsd: typeof usage['cost'] === 'number' ? usage['cost'] : undefined,
      estimated: false,
    },
  })
}
