// A streamed chat completion: deltas in `data:` lines with LF and no event name, comments in between, the usage in a chunk
// after the one with the finish_reason, and `[DONE]` at the end. An error in the middle is a chunk with
// `finish_reason: "error"`, and nothing follows it.

import { toEventStream, writeEvent } from '../http/event-stream.ts'
import type { AnswerPiece } from '../models/model.ts'
import type { Question } from '../models/question.ts'
import type { ResolvedOptions } from '../options.ts'
import { toChunk, toCompletionHead, toReasoningDelta, toToolCallDelta } from './chat-completion.ts'
import type { ChatDelta, CompletionHead } from './chat-completion.ts'
import { toBilling } from './run.ts'
import type { Services } from './services.ts'

const comment = ': OPENROUTER PROCESSING\n\n'
/** A comment follows every so many chunks, because a client must ignore it. */
const commentEvery = 10

/** Answers a chat as a stream of deltas. The work stops when the connection closes. */
export function streamChat(question: Question, { model, activity, options }: Services): Response {
  const abort = new AbortController()
  const end = activity.begin()
  const head = toCompletionHead(question, options.createId(), options.clock.now())
  const frames = writeFrames(head, model(question, abort.signal), options, end)
  const stop = (): void => {
    abort.abort()
    end()
  }
  return toEventStream(frames, stop, toBilling(question))
}

async function* writeFrames(
  head: CompletionHead,
  pieces: AsyncIterable<AnswerPiece>,
  options: ResolvedOptions,
  end: () => void,
): AsyncGenerator<string, void> {
  try {
    yield comment
    let count = 0
    for await (const data of listData(head, pieces, options)) {
      yield writeEvent(data, { lineEnd: '\n' })
      count += 1
      if (count % commentEvery === 0) yield comment
    }
  } finally {
    end()
  }
}

/** Ends with `[DONE]` only when the model ended its answer. */
async function* listData(
  head: CompletionHead,
  pieces: AsyncIterable<AnswerPiece>,
  { clock, minEventIntervalMs }: ResolvedOptions,
): AsyncGenerator<string, void> {
  const write = (...chunk: ChunkParts): string => JSON.stringify(toChunk(head, ...chunk))
  let role: ChatDelta = { role: 'assistant' }
  let held: ChatDelta | undefined
  let lastAt = -Infinity
  const writeHeld = (): string => {
    const data = write({ ...role, ...held })
    role = {}
    held = undefined
    return data
  }
  for await (const piece of pieces) {
    if (held && !canMerge(held, piece)) yield writeHeld()
    if (piece.type === 'error') {
      const error = { code: 'server_error', message: piece.message }
      return yield write({ ...role, content: '' }, 'error', { error })
    }
    if (piece.type === 'end') {
      yield write({ ...role, content: '' }, piece.reason)
      yield write({ role: 'assistant', content: '' }, null, { usage: piece.usage })
      return yield '[DONE]'
    }
    held = merge(held, toDelta(piece))
    if (clock.now() - lastAt < minEventIntervalMs) continue
    lastAt = clock.now()
    yield writeHeld()
  }
}

type ChunkParts = Parameters<typeof toChunk> extends [CompletionHead, ...infer Rest] ? Rest : never

function toDelta(piece: Exclude<AnswerPiece, { type: 'end' | 'error' }>): ChatDelta {
  if (piece.type === 'tool-call') return toToolCallDelta(piece)
  return piece.type === 'text' ? { content: piece.text } : toReasoningDelta(piece.text)
}

/** Only text is merged: reasoning has two fields, and tool calls have an index. */
function canMerge(held: ChatDelta, piece: AnswerPiece): boolean {
  return held.content !== undefined && piece.type === 'text'
}

function merge(held: ChatDelta | undefined, delta: ChatDelta): ChatDelta {
  return held ? { content: `${held.content ?? ''}${delta.content ?? ''}` } : delta
}
