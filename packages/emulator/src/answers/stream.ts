// POST …/stream: server-sent events, each with the whole text so far. Snapshots may repeat; the last event says
// `partial:false`, holds the full text again, and nothing marks the end after it. An error arrives as an event.

import { toEventStream, writeEvent } from '../http/event-stream.ts'
import { writeJson } from '../http/write-json.ts'
import { addPiece, emptyAnswer } from '../models/collect-answer.ts'
import type { AnswerPiece } from '../models/model.ts'
import type { Question } from '../models/question.ts'
import type { ResolvedOptions } from '../options.ts'
import { toOutput } from './output.ts'
import type { Output } from './output.ts'
import type { Services } from './services.ts'

/** Every so many events one is sent twice, as fal does; a client must ignore the second. */
const repeatEvery = 10

/** Answers a question as a stream of snapshots. The work stops when the connection closes. */
export function stream(question: Question, { model, activity, options }: Services): Response {
  const abort = new AbortController()
  const end = activity.begin()
  const pieces = model(question, abort.signal)
  return toEventStream(writeFrames(question, pieces, options, end), () => {
    abort.abort()
    end()
  })
}

async function* writeFrames(
  question: Question,
  pieces: AsyncIterable<AnswerPiece>,
  options: ResolvedOptions,
  end: () => void,
): AsyncGenerator<string, void> {
  try {
    for await (const output of listSnapshots(question, pieces, options)) {
      yield writeFrame(output, options.framing)
    }
  } finally {
    end()
  }
}

async function* listSnapshots(
  question: Question,
  pieces: AsyncIterable<AnswerPiece>,
  { clock, minEventIntervalMs }: ResolvedOptions,
): AsyncGenerator<Output, void> {
  let answer = emptyAnswer
  let count = 0
  let lastAt = -Infinity
  let snapshot = toOutput(question, answer)
  for await (const piece of pieces) {
    answer = addPiece(answer, piece)
    if (piece.type === 'end' || piece.type === 'error') break
    snapshot = toOutput(question, answer)
    if (clock.now() - lastAt < minEventIntervalMs) continue
    lastAt = clock.now()
    count += 1
    yield snapshot
    if (count % repeatEvery === 0) yield snapshot
  }
  if (answer.error === undefined) yield snapshot
  yield toOutput(question, answer)
}

function writeFrame(output: Output, framing: ResolvedOptions['framing']): string {
  return writeEvent(writeJson(output, framing.asciiOnly), {
    lineEnd: framing.lineEnd,
    name: framing.eventName ? 'event' : undefined,
    comment: framing.comments ? 'ping' : undefined,
  })
}
