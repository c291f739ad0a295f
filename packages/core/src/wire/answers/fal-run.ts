import { toFalLlmError } from '../../errors.ts'
import type { TransportCall } from '../call.ts'
import { openAnswer, readJson } from './open-answer.ts'
import { readAnswer } from './read-answer.ts'

/** `POST https://fal.run/{endpoint}`: one blocking call, the whole answer at once. Source: fal-protocol §2, §9.2, seeds. */
export async function falRun(call: TransportCall): Promise<void> {
  const { endpoint, emit } = call
  const answer = await openAnswer(call, 'run')
  const { requestId } = answer
  const value = await readJson(answer, call).catch((thrown: unknown) => {
    // What breaks off, or is no JSON, was paid for all the same.
    throw toFalLlmError(thrown).with({ requestId, maybeSubmitted: true })
  })
  readAnswer(value, { endpoint, requestId, emit })
}
