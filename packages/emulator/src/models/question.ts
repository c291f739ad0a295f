import type { Endpoint } from '@fal-llm/core/endpoints'
import { toFields, toList, toText } from '../json.ts'
import { readMessages } from './messages.ts'
import { readTurns } from './turns.ts'
import type { Turn } from './turns.ts'

/** A question to a model, in the same form for all endpoints. */
export interface Question {
  readonly endpoint: Endpoint
  readonly model: string
  readonly system: string
  /** Oldest first; the last one is the user's. */
  readonly turns: readonly Turn[]
  /** URLs and data URIs. */
  readonly images: readonly string[]
  readonly wantsReasoning: boolean
  readonly maxTokens: number | undefined
  /** The whole input, validated. */
  readonly input: Readonly<Record<string, unknown>>
}

/** Reads a valid input as a question. */
export function toQuestion(endpoint: Endpoint, input: Readonly<Record<string, unknown>>): Question {
  const common = { endpoint, input, model: toText(input['model']) || (endpoint.defaultModel ?? '') }
  if (endpoint.kind === 'messages') {
    const { system, turns, images } = readMessages(input['messages'])
    return {
      ...common,
      system,
      turns,
      images,
      wantsReasoning: asksForReasoning(input),
      maxTokens: count(input['max_completion_tokens']) ?? count(input['max_tokens']),
    }
  }
  return {
    ...common,
    system: toText(input['system_prompt']),
    turns: readTurns(toText(input['prompt'])),
    images: toList(input['image_urls']).map(toText),
    wantsReasoning: input['reasoning'] === true,
    maxTokens: count(input['max_tokens']),
  }
}

/** The text of the last user turn. */
export function lastUserText(turns: readonly Turn[]): string {
  return turns.findLast((turn) => turn.role === 'user')?.text ?? ''
}

function asksForReasoning({ reasoning, reasoning_effort: effort }: Question['input']): boolean {
  if (typeof effort === 'string') return effort !== 'none'
  if (typeof reasoning !== 'object' || reasoning === null) return reasoning === true
  const { enabled, effort: wanted, max_tokens: budget } = toFields(reasoning)
  const isBounded = (typeof wanted === 'string' && wanted !== 'none') || Number(budget) > 0
  return enabled === true || (enabled !== false && isBounded)
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
