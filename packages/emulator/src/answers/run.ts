import { platformRefusal } from '../http/refusal.ts'
import { collectAnswer } from '../models/collect-answer.ts'
import type { Question } from '../models/question.ts'
import { toOutput } from './output.ts'
import type { Services } from './services.ts'

/**
 * Answers a question in one piece. The work stops when the connection closes.
 *
 * @throws 499 when the caller has left; nobody receives it.
 */
export async function run(
  question: Question,
  { model, activity }: Services,
  signal: AbortSignal,
): Promise<Response> {
  const end = activity.begin()
  try {
    const answer = await collectAnswer(model(question, signal))
    return Response.json(toOutput(question, answer), { headers: toBilling(question) })
  } catch (error) {
    if (signal.aborted) throw platformRefusal(499, 'client_disconnected', 'Client disconnected')
    throw error
  } finally {
    end()
  }
}

/** The price of an answer in fal's units: one, or ten for a premium model. */
export function toBilling({ endpoint, model }: Question): Readonly<Record<string, string>> {
  const premium = endpoint.models.find(({ id }) => id === model)?.premium === true
  return { 'x-fal-billable-units': premium ? '10' : '1' }
}
