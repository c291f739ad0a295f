import type { ModelInfo } from '../endpoint.ts'

/**
 * The catalogue of fal-ai/any-llm, in fal's order.
 * An older page listed 13 of these, with google/gemini-flash-1.5 as default and deepseek/deepseek-r1 not yet premium.
 *
 * @source fal, any-llm page (seed 001); the older one is seed 002
 */
export const anyLlmModels = [
  'deepseek/deepseek-r1',
  'anthropic/claude-3.7-sonnet',
  'anthropic/claude-3.5-sonnet',
  // Dashes, unlike its neighbours: fal spells it so.
  'anthropic/claude-3-5-haiku',
  'anthropic/claude-3-haiku',
  'google/gemini-pro-1.5',
  'google/gemini-flash-1.5',
  'google/gemini-flash-1.5-8b',
  'google/gemini-2.0-flash-001',
  'google/gemini-2.5-flash',
  'google/gemini-2.5-flash-lite',
  'google/gemini-2.5-pro',
  'meta-llama/llama-3.2-1b-instruct',
  'meta-llama/llama-3.2-3b-instruct',
  'meta-llama/llama-3.1-8b-instruct',
  'meta-llama/llama-3.1-70b-instruct',
  'openai/gpt-oss-120b',
  'openai/gpt-4o-mini',
  'openai/gpt-4o',
  'openai/gpt-4.1',
  'openai/o3',
  'openai/gpt-5-chat',
  'openai/gpt-5-mini',
  'openai/gpt-5-nano',
  'meta-llama/llama-4-maverick',
  'meta-llama/llama-4-scout',
] as const

/** The models of that catalogue that train on private data, or may. */
const trainsOnData = [
  'deepseek/deepseek-r1',
  'google/gemini-2.5-flash',
  'google/gemini-2.5-flash-lite',
  'google/gemini-2.5-pro',
] as const

/**
 * The catalogue of fal-ai/any-llm/enterprise, in fal's order: models that do not train on private data.
 *
 * @source fal, any-llm Enterprise page (seed 000)
 */
export const anyLlmEnterpriseModels: readonly AnyLlmEnterpriseModel[] = anyLlmModels.filter(
  // The list is asked for slugs it does not hold, too.
  (id): id is AnyLlmEnterpriseModel => !(trainsOnData as readonly string[]).includes(id),
)

/**
 * Charged at ten times the standard rate by any-llm and any-llm/enterprise.
 * Both pages also name a model that neither catalogue offers: meta-llama/llama-3.2-90b-vision-instruct.
 *
 * @source fal, the pages of both endpoints (seeds 000 and 001)
 */
export const premiumModels = [
  'deepseek/deepseek-r1',
  'anthropic/claude-3.7-sonnet',
  'anthropic/claude-3.5-sonnet',
  'anthropic/claude-3-5-haiku',
  'google/gemini-pro-1.5',
  'google/gemini-2.5-pro',
  'openai/gpt-4o',
  'openai/gpt-4.1',
  'openai/o3',
  'openai/gpt-5-chat',
  'meta-llama/llama-3.2-90b-vision-instruct',
] as const

/**
 * Models that refuse to answer unless reasoning is on: 400 "Reasoning is mandatory for this endpoint and cannot be disabled."
 *
 * @source OpenRouter, as its users report it; no page of fal's says so
 */
export const reasoningModels: readonly string[] = ['openai/gpt-oss-120b']

/**
 * Suggestions for openrouter/router, which takes any OpenRouter slug.
 * fal's pages show only google/gemini-2.5-flash; the others are any-llm's, which is powered by OpenRouter too.
 *
 * @source fal, openrouter/router page (seed 003); the rest inferred from seed 001
 */
export const openRouterModels: readonly ['google/gemini-2.5-flash', ...AnyLlmModel[]] = [
  'google/gemini-2.5-flash',
  ...anyLlmModels.filter((id) => id !== 'google/gemini-2.5-flash'),
]

/**
 * Suggestions for openrouter/router/vision: of the same list, the models whose makers say they read images.
 *
 * @source fal, openrouter/router/vision page (seed 004) for the first and for the makers; the rest inferred
 */
export const visionModels = [
  'google/gemini-2.5-flash',
  'google/gemini-2.5-flash-lite',
  'google/gemini-2.5-pro',
  'google/gemini-2.0-flash-001',
  'anthropic/claude-3.7-sonnet',
  'anthropic/claude-3.5-sonnet',
  'openai/gpt-4o',
  'openai/gpt-4o-mini',
  'openai/gpt-4.1',
  'openai/gpt-5-chat',
  'openai/gpt-5-mini',
  'openai/gpt-5-nano',
  'meta-llama/llama-4-maverick',
  'meta-llama/llama-4-scout',
] as const

/** A model of fal-ai/any-llm. */
export type AnyLlmModel = (typeof anyLlmModels)[number]

/** A model of fal-ai/any-llm/enterprise. */
export type AnyLlmEnterpriseModel = Exclude<AnyLlmModel, (typeof trainsOnData)[number]>

/** Any OpenRouter slug; the known ones complete in an editor. */
export type OpenRouterModel = AnyLlmModel | (string & {})

/** Describes a catalogue for a model picker. */
export function toModelInfos(
  ids: readonly string[],
  defaultModel?: string,
  premium: readonly string[] = [],
): readonly ModelInfo[] {
  return ids.map((id) => ({
    id,
    vendor: id.slice(0, id.indexOf('/')),
    premium: premium.includes(id),
    requiresReasoning: reasoningModels.includes(id),
    isDefault: id === defaultModel,
  }))
}
