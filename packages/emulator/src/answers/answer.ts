import { findEndpoint } from '../http/find-endpoint.ts'
import { refusal } from '../http/refusal.ts'
import { insistsOnReasoning, mandatoryReasoning } from '../models/mandatory-reasoning.ts'
import { toQuestion } from '../models/question.ts'
import type { Question } from '../models/question.ts'
import { completeChat } from './complete-chat.ts'
import { chatRefusal, invalidChatRequest } from './openai-error.ts'
import { readInput } from './read-input.ts'
import { run } from './run.ts'
import type { Services } from './services.ts'
import { streamChat } from './stream-chat.ts'

/** What was posted to the path of an endpoint. */
export interface Posted {
  /** Without a leading slash. */
  readonly path: string
  readonly body: string
  readonly contentType: string | undefined
}

/**
 * Reads a posted body as a question to an endpoint.
 *
 * @throws 404 for a path without an endpoint; 422, or 400 in OpenAI's shape, for an invalid input; 400 for a model that
 * does not answer without reasoning.
 */
export function readQuestion({ path, body, contentType }: Posted, services: Services): Question {
  const endpoint = findEndpoint(services.options.endpoints, path, path)
  const input = readInput(endpoint, body, contentType)
  const isChat = endpoint.kind === 'messages'
  if (!input.ok) {
    throw isChat ? invalidChatRequest(input.detail) : refusal(422, input.detail, unbilled)
  }
  const question = toQuestion(endpoint, input.value)
  if (question.wantsReasoning || !insistsOnReasoning(question.model)) return question
  throw isChat ? chatRefusal(mandatoryReasoning) : refusal(400, mandatoryReasoning, unbilled)
}

const unbilled = { 'x-fal-billable-units': '0' }

/** Answers a question as its endpoint does. A chat is streamed when its input asks for that and `mayStream` is true. */
export function answer(
  question: Question,
  services: Services,
  signal: AbortSignal,
  mayStream: boolean,
): Promise<Response> | Response {
  if (question.endpoint.kind === 'prompt') return run(question, services, signal)
  if (mayStream && question.input['stream'] === true) return streamChat(question, services)
  return completeChat(question, services, signal)
}
