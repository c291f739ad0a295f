import type { Endpoint } from '../endpoint.ts'
import { reasoningModels } from '../catalogue/models.ts'

/** A wire input, and whether reasoning had to be turned on for its model to answer at all. */
export interface AnswerableInput {
  readonly input: Readonly<Record<string, unknown>>
  readonly reasoningForced: boolean
}

/**
 * Turns reasoning on where the model does not answer without it; every other input passes unchanged.
 *
 * @param input A validated wire input.
 */
export function requireReasoning(
  { kind, models, defaultModel }: Endpoint,
  input: Readonly<Record<string, unknown>>,
): AnswerableInput {
  const model = String(input['model'] ?? defaultModel)
  // ":free" and the like are the same model; one that no catalogue lists is known by its name.
  const base = model.replace(/:.*/, '')
  const insists =
    models.find(({ id }) => id === base)?.requiresReasoning ?? reasoningModels.includes(base)
  if (!insists) return { input, reasoningForced: false }
  return kind === 'prompt' ? requireFlag(input) : requireObject(input)
}

function requireFlag(input: Readonly<Record<string, unknown>>): AnswerableInput {
  const reasons = input['reasoning'] === true
  return { input: { ...input, reasoning: true }, reasoningForced: !reasons }
}

/** OpenRouter's ways to ask for reasoning: `enabled`, an effort, a budget; or OpenAI's `reasoning_effort`. */
function requireObject(input: Readonly<Record<string, unknown>>): AnswerableInput {
  const { reasoning, reasoning_effort: shortEffort, ...others } = input
  // Validated: an object, null or nothing.
  const { enabled, effort, ...options } = (reasoning ?? {}) as Readonly<Record<string, unknown>>
  const efforts = [effort, shortEffort].filter((word) => word !== undefined && word !== null)
  const isBounded = efforts.length > 0 || Number(options['max_tokens']) > 0
  const reasons =
    !efforts.includes('none') && (enabled === true || (enabled !== false && isBounded))
  if (reasons) return { input, reasoningForced: false }
  return { input: { ...others, reasoning: { ...options, enabled: true } }, reasoningForced: true }
}
