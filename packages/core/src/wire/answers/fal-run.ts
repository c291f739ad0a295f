import { toFalLlmError } from '../../errors.ts'
import { readText } from '../http/http.ts'
import { parseSent, readAnswer } from './read-answer.ts'
import { maxEventBytes } from '../sse/sse.ts'
import type { TransportCall } from '../call.ts'

/** `POST https://fal.run/{endpoint}`: one blocking call, the whole answer at once. Source: fal-protocol §2, §9.2, seeds. */
export async function falRun(call: TransportCall): Promise<void> {
  const { endpoint, http, watch, emit, input, model } = call
  const response = await http.send(
    {
      url: `https://fal.run/${endpoint.id}`,
      method: 'POST',
      body: JSON.stringify(input),
      headers: { accept: 'application/json' },
      phase: 'firstToken',
      endpoint: endpoint.id,
    },
    watch,
  )
  const requestId = response.headers.get('x-fal-request-id') || undefined
  emit({ type: 'start', requestId, endpoint: endpoint.id, model, mode: 'run' })
  readAnswer(await readWhole(response, call, requestId), { endpoint, requestId, emit })
}

/** The answer's JSON. One that breaks off or is none was paid for all the same. */
async function readWhole(
  response: Response,
  { endpoint, watch }: TransportCall,
  requestId: string | undefined,
): Promise<unknown> {
  try {
    return parseSent(await readText(response, watch, maxEventBytes), endpoint.id, requestId)
  } catch (thrown) {
    throw toFalLlmError(thrown).with({ requestId, maybeSubmitted: true })
  }
}
