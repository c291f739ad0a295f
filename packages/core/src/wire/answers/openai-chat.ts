import { createCompletionReader } from './completions.ts'
import { openEvents } from './open-answer.ts'
import { parseEvent } from './read-answer.ts'
import { readSse } from '../sse/sse.ts'
import type { Reading } from '../sse/sse.ts'
import type { TransportCall } from '../call.ts'

/** `POST https://fal.run/{endpoint}` with `stream: true`: the answer in deltas. Source: fal-protocol §9, seed 004. */
export async function openAiStream(call: TransportCall): Promise<void> {
  const { id } = call.endpoint
  const answer = await openEvents(call)
  if (!answer) return
  const { response, requestId } = answer
  const completion = createCompletionReader(id, requestId, call.emit)
  await readSse(response, call.deadline, (message): Reading => {
    if (message.data === '[DONE]') {
      completion.done()
      return 'done'
    }
    completion.read(parseEvent(message, id, requestId))
    return completion.finished() ? 'closing' : 'more'
  })
  completion.end()
}
