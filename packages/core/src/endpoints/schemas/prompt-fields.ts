import type { SchemaNode } from '../validate/schema-node.ts'

type PromptField =
  | 'prompt'
  | 'system_prompt'
  | 'reasoning'
  | 'priority'
  | 'temperature'
  | 'max_tokens'

/**
 * The fields that fal's prompt endpoints share, as any-llm declares them.
 *
 * @source fal, any-llm page (seed 001)
 */
export const promptFields: Readonly<Record<PromptField, SchemaNode>> = {
  prompt: { type: 'string' },
  system_prompt: { type: ['string', 'null'] },
  reasoning: { type: 'boolean', default: false },
  // The page also says "Throughput is the default": what it declares wins over what it tells.
  priority: { type: 'string', enum: ['throughput', 'latency'], default: 'latency' },
  temperature: { type: ['number', 'null'], minimum: 0, maximum: 2 },
  // The bound is inferred: the page states none.
  max_tokens: { type: ['integer', 'null'], minimum: 1 },
}
