import type { ContentPart, Endpoint, ModelMessage } from '../endpoints/index.ts'
import { estimateTokens } from '../generate/timing.ts'
import type { ChatMessage, ContextReport } from './state.ts'
import { transcriptInstruction, writeTranscript } from './transcript.ts'

/** What of a conversation is asked of a model, and what the answer will say about it. */
export interface BuiltRequest {
  readonly request:
    | { readonly messages: readonly ModelMessage[]; readonly system?: string }
    | { readonly prompt: string; readonly system?: string; readonly images?: readonly string[] }
  readonly context: ContextReport
}

/** Turns a path of messages, the new user turn last, into a request for an endpoint of this kind. Never throws. */
export function buildRequest(
  path: readonly ChatMessage[],
  endpoint: Endpoint,
  system: string | undefined,
): BuiltRequest {
  const turns = path.filter(isTurn)
  const systems = [system, ...path.filter(isSystem).map((message) => message.text)]
  const allSystem = systems.filter(Boolean).join('\n\n')
  const report = (strategy: ContextReport['strategy']): ContextReport => ({
    includedIds: turns.map((message) => message.id),
    droppedIds: [],
    estimatedTokens: estimateTokens([allSystem, ...turns.map((turn) => turn.text)].join('\n')),
    strategy,
  })
  if (endpoint.kind === 'messages') {
    return {
      request: { messages: turns.map(toModelMessage), ...(allSystem && { system: allSystem }) },
      context: report('messages'),
    }
  }
  const last = turns.at(-1)
  const images = last ? imageUrls(last) : []
  const instruction = turns.length > 1 ? transcriptInstruction : ''
  const fullSystem = [instruction, allSystem].filter(Boolean).join('\n\n')
  return {
    request: {
      prompt: writeTranscript(
        turns.map((turn) => ({
          role: turn.role === 'assistant' ? 'assistant' : 'user',
          text: turn.text,
        })),
      ),
      ...(fullSystem && { system: fullSystem }),
      ...(images.length > 0 && { images }),
    },
    context: report('transcript'),
  }
}

function isSystem(message: ChatMessage): boolean {
  return message.role === 'system' && message.text !== ''
}

// An answer that failed before its first word is no turn; a partial one is what the user saw.
function isTurn(message: ChatMessage): boolean {
  if (message.role === 'system') return false
  return message.role === 'user' || message.text !== ''
}

function imageUrls(message: ChatMessage): readonly string[] {
  return message.parts.flatMap((part) => (part.type === 'image' ? [part.url] : []))
}

function toModelMessage(message: ChatMessage): ModelMessage {
  const role = message.role === 'assistant' ? 'assistant' : 'user'
  const images = imageUrls(message)
  if (images.length === 0) return { role, content: message.text }
  const parts: ContentPart[] = images.map((url) => ({ type: 'image', url }))
  return { role, content: [{ type: 'text', text: message.text }, ...parts] }
}
