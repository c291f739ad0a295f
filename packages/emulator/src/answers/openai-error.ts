import type { HTTPException } from 'hono/http-exception'
import { toException } from '../http/refusal.ts'
import type { ValidationDetail } from './pydantic-detail.ts'

/**
 * Refuses a chat request in the shape of OpenAI and OpenRouter: `{"error": {"code", "message"}}`.
 * fal's gateway keeps its own `detail` for who may call and for what does not exist.
 */
export function invalidChatRequest(details: readonly ValidationDetail[]): HTTPException {
  const message = details
    .map(({ loc, msg }) => `${loc.slice(1).join('.') || 'body'}: ${msg}`)
    .join('; ')
  return chatRefusal(message)
}

/** Refuses a chat request with any message. */
export function chatRefusal(message: string): HTTPException {
  return toException(400, { error: { code: 400, message } }, { 'x-fal-billable-units': '0' })
}
