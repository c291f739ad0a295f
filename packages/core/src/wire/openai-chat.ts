import { readText } from './http.ts'
import { createCompletionReader } from './completions.ts'
import { parseJson, readAnswer } from './read-answer.ts'
import { maxEventBytes, readSse } from './sse.ts'
import type { Reading } from './sse.ts'
import type { TransportCall } from './transport.ts'

/** `POST https://fal.run/{endpoint}` with `stream: true`: the answer in deltas. Source: fal-protocol §9, seed 004. */
export async function openAiStream(call: TransportCall): Promise<void> {
  const { endpoint, http, watch, emit, input, model } = call
  const response = await http.send(
    {
      url: `https://fal.run/${endpoint.id}`,
      method: 'POST',
      body: JSON.stringify(input),
      headers: { accept: 'text/event-stream, application/json' },
      endpoint: endpoint.id,
    },
    watch,
  )
  const requestId = response.headers.get('x-fal-request-id') || undefined
  emit({ type: 'start', requestId, endpoint: endpoint.id, model, mode: 'stream' })
  if (!response.headers.get('content-type')?.includes('text/event-stream')) {
    const text = await readText(response, watch, maxEventBytes)
    readAnswer(parseJson(text, endpoint.id, requestId), { endpoint, requestId, emit })
    return
  }
  const completion = createCompletionReader(endpoint.id, requestId, emit)
  await readSse(response, watch, (message): Reading => {
    if (message.data === '[DONE]') {
      completion.done()
      return 'done'
    }
    completion.read(parseJson(message.data, endpoint.id, requestId))
    return completion.finished() ? 'closing' : 'more'
  })
  completion.end()
}
