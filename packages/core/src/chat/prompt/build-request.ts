import { resolveEndpoint } from '../../endpoints/index.ts'
import type { ContentPart, Endpoint, EndpointId, ModelMessage } from '../../endpoints/index.ts'
import type { FalLlmError } from '../../errors.ts'
import type { Usage } from '../../events.ts'
import type { ChatMessage, ContextReport } from '../state.ts'
import { droppedFiles, imagesOf, selectImages } from './select-images.ts'
import type { ImagePart } from './select-images.ts'
import { selectTurns, tokenBudget } from './select-turns.ts'
import type { MemoryPolicy, TurnSelection } from './select-turns.ts'
import { createSummarizer } from './summarize-once.ts'
import { createTokenEstimator } from './token-estimator.ts'
import {
  continueInstruction,
  isTranscript,
  transcriptInstruction,
  writeTranscript,
  writeTurn,
} from './transcript.ts'
import type { TranscriptTurn } from './transcript.ts'
import { defaultEndpointId } from '../../endpoints/default-endpoint.ts'

/** How a conversation is turned into a request, as far as an estimate needs it. */
export interface ContextPlan {
  /** Default 'openrouter/router'. */
  readonly endpoint?: EndpointId | Endpoint | undefined
  /** Default: the endpoint's own. */
  readonly model?: string | undefined
  readonly system?: string | undefined
  readonly memory?: MemoryPolicy | false | undefined
  /** The last message is the answer so far, and the model goes on with it. Default false. */
  readonly continues?: boolean | undefined
}

/** How a conversation is turned into a request. */
export interface RequestPlan extends ContextPlan {
  /** Milliseconds that `memory.summarize` may take. Default 10000. */
  readonly callbackMs?: number | undefined
  /** Hears of a `memory.summarize` that hung or failed, perhaps after the request was built. Must not throw. */
  readonly report: (error: FalLlmError) => void
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
  /**
   * Turns a path of messages, the new user turn last, into a request. A summary that fails is left out and reported.
   *
   * @throws FalLlmError `not-found` for an unknown endpoint.
   */
  build(path: readonly ChatMessage[], plan: RequestPlan): Promise<BuiltRequest>
  /**
   * Says what `build` would send and leave out, with the ids of the latter. Asks nothing: a summary is not counted.
   *
   * @throws FalLlmError `not-found` for an unknown endpoint.
   */
  estimate(path: readonly ChatMessage[], plan: ContextPlan): ContextReport
  /** Takes what a request was counted as; what is only estimated teaches nothing. */
  learn(built: BuiltRequest, usage: Usage): void
}

/** Creates the builder of one conversation. */
export function createRequestBuilder(): RequestBuilder {
  const estimator = createTokenEstimator()
  const summaryOf = createSummarizer()
  return {
    async build(path, plan) {
      const draft = draftRequest(path, plan, estimator.estimate)
      const { memory, callbackMs = 10_000, report } = plan
      const isWanted = memory && draft.summaryTokens > 0
      const summary = isWanted ? await summaryOf(draft.dropped, memory, { callbackMs, report }) : ''
      return finishRequest(draft, summary)
    },
    estimate(path, plan) {
      const draft = draftRequest(path, plan, estimator.estimate)
      return { ...finishRequest(draft, '').context, droppedIds: draft.dropped.map(({ id }) => id) }
    },
    learn({ text, model }, usage) {
      if (!usage.estimated) estimator.learn(text, model, usage.promptTokens)
    },
  }
}

/** All that is decided before a summary is asked for. */
interface RequestDraft extends TurnSelection {
  readonly path: readonly ChatMessage[]
  readonly endpoint: Endpoint
  readonly model: string | undefined
  readonly continues: boolean
  /** The user's own system prompt and the system turns. */
  readonly system: readonly string[]
  /** Kept for a summary; 0 where none is wanted. */
  readonly summaryTokens: number
  readonly tokensOf: (text: string) => number
}

function draftRequest(
  path: readonly ChatMessage[],
  plan: ContextPlan,
  estimate: (text: string, model: string | undefined) => number,
): RequestDraft {
  const endpoint = resolveEndpoint(plan.endpoint ?? defaultEndpointId)
  const model = plan.model ?? endpoint.defaultModel
  const tokensOf = (text: string): number => estimate(text, model)
  const turns = path.filter(isTurn)
  const continues = plan.continues === true && turns.at(-1)?.role === 'assistant'
  const system = [
    plan.system ?? '',
    ...path.flatMap((message) => (message.role === 'system' ? [message.text] : [])),
  ]
  const facts = { path, endpoint, model, continues, system, tokensOf }
  if (plan.memory === false) return { ...facts, included: turns, dropped: [], summaryTokens: 0 }
  const policy = plan.memory ?? {}
  const budget = tokenBudget(policy)
  const fixed = tokensOf(joinSystem(facts, turns.map(toTranscriptTurn), '') + '\n')
  // Counted as they are written, so that the sum is never below what is sent.
  const turnTokens = (turn: ChatMessage): number =>
    tokensOf(`${writeTurn(toTranscriptTurn(turn))}\n\n`)
  const select = (tokens: number): TurnSelection => selectTurns(turns, policy, tokens, turnTokens)
  const whole = select(budget - fixed)
  if (!policy.summarize || whole.dropped.length === 0)
    return { ...facts, ...whole, summaryTokens: 0 }
  const summaryTokens = Math.floor(budget / 4)
  return { ...facts, ...select(budget - fixed - summaryTokens), summaryTokens }
}

function finishRequest(draft: RequestDraft, summary: string): BuiltRequest {
  const { path, endpoint, model, included, dropped } = draft
  const asMessages = endpoint.kind === 'messages'
  const turns = included.map(toTranscriptTurn)
  const system = joinSystem(draft, turns, summary && cutSummary(summary, draft))
  const prompt = writeTranscript(turns)
  const text = `${system}\n${prompt}`
  const sent = selectImages(included, endpoint)
  const images = urlsOf([...sent])
  return {
    endpoint,
    model,
    request: {
      ...(asMessages ? { messages: toModelMessages(draft, sent) } : { prompt }),
      ...(system && { system }),
      ...(!asMessages && images.length > 0 && { images }),
    },
    context: {
      ...countTurns(path, new Set(dropped)),
      droppedFiles: droppedFiles(path, sent),
      estimatedTokens: draft.tokensOf(text),
      strategy: asMessages ? 'messages' : 'transcript',
    },
    text,
  }
}

function joinSystem(
  { endpoint, continues, system }: Pick<RequestDraft, 'endpoint' | 'continues' | 'system'>,
  turns: readonly TranscriptTurn[],
  summary: string,
): string {
  const instruction = continues ? continueInstruction : transcriptInstruction
  const isWritten = endpoint.kind === 'prompt' && isTranscript(turns)
  return [isWritten ? instruction : '', ...system, summary].filter(Boolean).join('\n\n')
}

/** The summary with its heading, cut at the tokens that are kept for it. */
function cutSummary(summary: string, { summaryTokens, tokensOf }: RequestDraft): string {
  const whole = `What was said before, in short: ${summary}`
  const tokens = tokensOf(whole)
  if (tokens <= summaryTokens) return whole
  const length = Math.floor((whole.length * summaryTokens) / tokens)
  // Half a character is none.
  return whole.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

function countTurns(
  path: readonly ChatMessage[],
  dropped: ReadonlySet<ChatMessage>,
): Pick<ContextReport, 'includedCount' | 'firstIncludedId' | 'pinnedIds' | 'droppedCount'> {
  const turns = path.filter((message) => message.role === 'system' || isTurn(message))
  const gap = turns.findLastIndex((turn) => dropped.has(turn))
  const older = turns.slice(0, gap + 1).filter((turn) => !dropped.has(turn))
  return {
    includedCount: turns.length - dropped.size,
    firstIncludedId: turns[gap + 1]?.id,
    pinnedIds: older.map(({ id }) => id),
    droppedCount: dropped.size,
  }
}

// An answer that failed before its first word is no turn; a partial one is what the user saw.
function isTurn(message: ChatMessage): boolean {
  if (message.role === 'system') return false
  return message.role === 'user' || message.text !== ''
}

function toTranscriptTurn({ role, text }: ChatMessage): TranscriptTurn {
  return { role: role === 'assistant' ? role : 'user', text }
}

function toModelMessages(
  { included, continues }: RequestDraft,
  sent: ReadonlySet<ImagePart>,
): readonly ModelMessage[] {
  return included.map((turn, index) => {
    const isOpen = continues && index === included.length - 1
    const { role, text: words } = toTranscriptTurn(turn)
    // Some models refuse a conversation whose last words, the assistant's, end with white space.
    const text = isOpen ? words.trimEnd() : words
    const urls = urlsOf(imagesOf(turn).filter((image) => sent.has(image)))
    if (urls.length === 0) return { role, content: text }
    const images: ContentPart[] = urls.map((url) => ({ type: 'image', url }))
    return { role, content: text ? [{ type: 'text', text }, ...images] : images }
  })
}

function urlsOf(images: readonly ImagePart[]): readonly string[] {
  return images.flatMap(({ url }) => (url ? [url] : []))
}
