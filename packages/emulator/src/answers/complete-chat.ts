import { platformRefusal } from '../http/refusal.ts'
import { collectAnswer } from '../models/collect-answer.ts'
import type { Question } from '../models/question.ts'
import { toCompletion, toCompletionHead } from './chat-completion.ts'
import { toBilling } from './run.ts'
import type { Services } from './services.ts'

/**
 * Answers a chat in one piece. A provider's error comes with HTTP 200, as OpenRouter sends it.
 *
 * @throws 499 when the caller has left; nobody receives it.
 */
export async function completeChat(
  question: Question,
  { model, activity, options }: Services,
  signal: AbortSignal,
): Promise<Response> {
  const end = activity.begin()
  try {
    const answer = await collectAnswer(model(question, signal))
    const head = toCompletionHead(question, options.createId(), options.clock.now())
    const body =
      answer.error === undefined
        ? toCompletion(head, answer)
        : { error: { code: 502, message: answer.error }, user_id: 'emulator' }
    return Response.json(body, { headers: toBilling(question) })
  } catch (error) {
    if (signal.aborted) throw platformRefusal(499, 'client_disconnected', 'Client disconnected')
    throw error
  } finally {
    end()
  }
}
