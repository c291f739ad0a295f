import { promptFields } from './prompt-fields.ts'
import type { SchemaNode } from '../validate/schema-node.ts'

type RouterField = 'prompt' | 'system_prompt' | 'model' | 'reasoning' | 'temperature' | 'max_tokens'

const { prompt, system_prompt, reasoning, temperature, max_tokens } = promptFields

/**
 * The fields of openrouter/router, which its vision variant shares.
 * Only vision's page shows `reasoning`'s default and `temperature`'s range; both are taken to hold for the router.
 *
 * @source fal, openrouter/router page (seed 003) and openrouter/router/vision page (seed 004)
 */
export const routerFields: Readonly<Record<RouterField, SchemaNode>> = {
  prompt,
  system_prompt,
  model: { type: 'string', examples: ['google/gemini-2.5-flash'] },
  reasoning,
  temperature: { ...temperature, type: 'number', default: 1 },
  max_tokens,
}
