import type { OpenRouterModel } from '@fal-llm/core'

/** Who can be asked, and what they are called here. Any model of OpenRouter can join. */
export const models = [
  { id: 'google/gemini-2.5-flash', name: 'Gemini 2.5 Flash' },
  { id: 'google/gemini-2.5-pro', name: 'Gemini 2.5 Pro' },
  { id: 'anthropic/claude-3.7-sonnet', name: 'Claude 3.7 Sonnet' },
  { id: 'openai/gpt-4.1', name: 'GPT-4.1' },
  { id: 'openai/gpt-5-mini', name: 'GPT-5 mini' },
  { id: 'openai/gpt-oss-120b', name: 'GPT-OSS 120B' },
  { id: 'meta-llama/llama-4-maverick', name: 'Llama 4 Maverick' },
] as const satisfies readonly { id: OpenRouterModel; name: string }[]

export type ModelId = (typeof models)[number]['id']

/** What a model is called here; its id, where it is not in the list any more. */
export function nameOf(model: string | undefined): string {
  return models.find(({ id }) => id === model)?.name ?? model ?? ''
}
