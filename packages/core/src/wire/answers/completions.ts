// OpenAI-shaped answers as OpenRouter sends them through fal (fal-protocol §9, seed 004): deltas, not snapshots. The
// end is told by `finish_reason`, by `[DONE]`, or by both; usage comes in a late chunk; an error may come in mid-stream
// with HTTP 200. Images and annotations in answers are left out.

import { FalLlmError } from '../../errors.ts'
import type { Emit, FinishReason } from '../../events.ts'
import { noAnswerError } from './no-answer.ts'
import { inBandError } from '../http/response-error.ts'
import { emitUsage } from './snapshots.ts'
import { fieldsOf, listOf } from '../../json.ts'
import type { Fields } from '../../json.ts'

/** Turns chat completions, in chunks or whole, into events. */
export interface CompletionReader {
  /** Takes one chunk of a stream. Throws its `error`, after the words that came with it. */
  read(chunk: unknown): void
  /** Takes an answer that was not streamed. Throws its `error`. */
  readWhole(completion: unknown): void
  /** Whether the model has said why it stopped; usage may still follow. */
  finished(): boolean
  /** `[DONE]` was read. */
  done(): void
  /**
   * The answer is over: says so if it was complete.
   *
   * @throws FalLlmError `interrupted` when neither a reason nor `[DONE]` was seen, `provider` when it holds no words.
   */
  end(): void
}

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
])

/** The model was not to say more: there may be no words at all. */
const silences: ReadonlySet<FinishReason | undefined> = new Set<FinishReason>([
  'length',
  'content-filter',
])

/** Starts reading one answer. `failure` is what its job's status said went wrong. */
export function createCompletionReader(
  endpoint: string,
  requestId: string | undefined,
  emit: Emit,
  failure?: unknown,
): CompletionReader {
  let reason: FinishReason | undefined
  let ended = false
  let sawDelta = false
  /** The model has said something: words, if only '', or a tool call. */
  let spoke = false
  let hasWords = false
  /** What was read last while the model had not spoken: an error says what it was. */
  let came: unknown

  const readWords = (words: Fields): void => {
    const thought = reasoningIn(words)
    const content = words['content'] ?? words['refusal']
    const calls = listOf(words['tool_calls'])
    if (thought) emit({ type: 'reasoning-delta', delta: thought })
    if (typeof content === 'string') {
      spoke = true
      hasWords ||= content !== ''
      if (content) emit({ type: 'text-delta', delta: content })
    }
    if (calls.length === 0) return
    spoke = hasWords = true
    for (const call of calls) emitToolCall(fieldsOf(call), emit)
  }
  const readWith = (answer: unknown, key: 'delta' | 'message'): void => {
    if (!spoke) came = answer
    const { choices, usage, error } = fieldsOf(answer)
    const choice = fieldsOf(Array.isArray(choices) ? choices[0] : undefined)
    const { finish_reason: why } = choice
    readWords(fieldsOf(choice[key]))
    sawDelta ||= choice['delta'] !== undefined
    emitUsage(usage, emit)
    if (error !== undefined && error !== null) throw inBandError(error, endpoint, requestId)
    if (why === 'error') throw inBandError(choice['error'] ?? {}, endpoint, requestId)
    if (typeof why === 'string') reason = reasons.get(why) ?? 'unknown'
  }

  return {
    read: (chunk) => readWith(chunk, 'delta'),
    readWhole: (completion) => readWith(completion, 'message'),
    finished: () => reason !== undefined,
    done() {
      reason ??= 'unknown'
    },
    end() {
      if (ended) return
      ended = true
      const cut = reason === undefined && (spoke || sawDelta || came === undefined)
      if (cut) {
        throw new FalLlmError('interrupted', 'The answer ended before it was complete', {
          endpoint,
          requestId,
          retryable: true,
        })
      }
      const isAnswer = spoke || silences.has(reason)
      if (!isAnswer || (failure !== undefined && !hasWords)) {
        const wordsAt = 'choices[0].message.content'
        throw noAnswerError(came, { endpoint, requestId, wordsAt, failure })
      }
      emit({ type: 'finish', reason: reason ?? 'unknown' })
    },
  }
}

/** `reasoning` repeats what `reasoning_details` says; either may be missing. */
function reasoningIn(words: Fields): string {
  const { reasoning, reasoning_details } = words
  if (typeof reasoning === 'string') return reasoning
  if (reasoning_details === undefined) return ''
  return listOf(reasoning_details)
    .map(fieldsOf)
    .map(({ text, summary }) => (typeof text === 'string' ? text : summary))
    .filter((text) => typeof text === 'string')
    .join('')
}

function emitToolCall(call: Fields, emit: Emit): void {
  const { index, id } = call
  const { name, arguments: fragment } = fieldsOf(call['function'])
  emit({
    type: 'tool-call-delta',
    index: typeof index === 'number' ? index : 0,
    ...(typeof id === 'string' && { id }),
    ...(typeof name === 'string' && { name }),
    argumentsDelta: typeof fragment === 'string' ? fragment : '',
  })
}
