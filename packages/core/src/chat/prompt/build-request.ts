import { resolveEndpoint } from '../../endpoints/index.ts'
import type { ContentPart, Endpoint, EndpointId, ModelMessage } from '../../endpoints/index.ts'
import type { Usage } from '../../events.ts'
import { selectTurns } from './select-turns.ts'
import type { MemoryPolicy } from './select-turns.ts'
import type { ChatMessage, ContextReport } from '../state.ts'
import { createTokenEstimator } from './token-estimator.ts'
import type { TokenEstimator } from './token-estimator.ts'
import { transcriptInstruction, writeTranscript } from './transcript.ts'

/** How a conversation is turned into a request. */
export interface RequestPlan {
  /** Default 'openrouter/router'. */
  readonly endpoint?: EndpointId | Endpoint | undefined
  /** Default: the endpoint's own. */
  readonly model?: string | undefined
  readonly system?: string | undefined
  readonly memory?: MemoryPolicy | false | undefined
}

/** What of a conversation is asked of a model, and what the answer will say about it. */
export interface BuiltRequest {
  readonly endpoint: Endpoint
  /** The model that will answer, as far as it is known. */
  readonly model: string | undefined
  readonly request: {
    readonly messages?: readonly ModelMessage[]
    readonly prompt?: string
    readonly system?: string
    readonly images?: readonly string[]
  }
  readonly context: ContextReport
  /** Everything the model is given to read, for learning how it counts. */
  readonly text: string
}

/** Builds a conversation's requests, and gets better at counting their tokens. */
export interface RequestBuilder {
  build(path: readonly ChatMessage[], plan: RequestPlan): Promise<BuiltRequest>
  /** Takes what a request was counted as; what is only estimated teaches nothing. */
  learn(built: BuiltRequest, usage: Usage): void
}

/** Creates the builder of one conversation. Never throws. */
export function createRequestBuilder(): RequestBuilder {
  const estimator = createTokenEstimator()
  return {
    build: (path, plan) => buildRequest(path, plan, estimator),
    learn({ text, model }, usage) {
      if (!usage.estimated) estimator.learn(text, model, usage.promptTokens)
    },
  }
}

/**
 * Turns a path of messages, the new user turn last, into a request for its endpoint. A summary that fails is left out.
 *
 * @throws FalLlmError `not-found` for an unknown endpoint.
 */
export async function buildRequest(
  path: readonly ChatMessage[],
  plan: RequestPlan,
  estimator: TokenEstimator,
): Promise<BuiltRequest> {
  const endpoint = resolveEndpoint(plan.endpoint ?? 'openrouter/router')
  const model = plan.model ?? endpoint.defaultModel
  const turns = path.filter(isTurn)
  const { included, dropped } = selectTurns(turns, plan.memory, (turn) =>
    estimator.estimate(turn.text, model),
  )
  const asMessages = endpoint.kind === 'messages'
  const system = [
    !asMessages && included.length > 1 ? transcriptInstruction : undefined,
    plan.system,
    ...path.filter((message) => message.role === 'system').map((message) => message.text),
    await summaryOf(dropped, plan.memory),
  ]
    .filter(Boolean)
    .join('\n\n')
  const prompt = writeTranscript(
    included.map(({ role, text }) => ({ role: speakerOf(role), text })),
  )
  const text = `${system}\n${prompt}`
  const newest = included.at(-1)
  const images = newest ? imageUrls(newest) : []
  return {
    endpoint,
    model,
    request: {
      ...(asMessages ? { messages: included.map(toModelMessage) } : { prompt }),
      ...(system && { system }),
      ...(!asMessages && images.length > 0 && { images }),
    },
    context: {
      includedIds: included.map((turn) => turn.id),
      droppedIds: dropped.map((turn) => turn.id),
      estimatedTokens: estimator.estimate(text, model),
      strategy: asMessages ? 'messages' : 'transcript',
    },
    text,
  }
}

async function summaryOf(
  dropped: readonly ChatMessage[],
  memory: MemoryPolicy | false | undefined,
): Promise<string | undefined> {
  if (dropped.length === 0 || !memory || !memory.summarize) return undefined
  try {
    const summary = await memory.summarize(dropped)
    return summary && `What was said before, in short: ${summary}`
  } catch (error) {
    console.error('summarize failed; the turns are left out without a summary', error)
    return undefined
  }
}

// An answer that failed before its first word is no turn; a partial one is what the user saw.
function isTurn(message: ChatMessage): boolean {
  if (message.role === 'system') return false
  return message.role === 'user' || message.text !== ''
}

function speakerOf(role: ChatMessage['role']): 'user' | 'assistant' {
  return role === 'assistant' ? 'assistant' : 'user'
}

function imageUrls(message: ChatMessage): readonly string[] {
  return message.parts.flatMap((part) => (part.type === 'image' && part.url ? [part.url] : []))
}

function toModelMessage(message: ChatMessage): ModelMessage {
  const role = speakerOf(message.role)
  const images = imageUrls(message)
  if (images.length === 0) return { role, content: message.text }
  const parts: ContentPart[] = images.map((url) => ({ type: 'image', url }))
  return { role, content: [{ type: 'text', text: message.text }, ...parts] }
}
