import { defineSchema } from '../validate/define-schema.ts'
import { defineEndpoint } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import { anyLlmModels, premiumModels, toModelInfos } from '../catalogue/models.ts'
import type { AnyLlmModel } from '../catalogue/models.ts'
import { promptFields } from './prompt-fields.ts'
import { promptOutput } from './prompt-output.ts'

const defaultModel: AnyLlmModel = 'google/gemini-2.5-flash-lite'

/**
 * fal-ai/any-llm: one prompt to a model of fal's selected catalogue.
 * An older page (seed 002) had neither `priority`, `temperature` nor `max_tokens`, and another default model.
 *
 * @source fal, any-llm page (seed 001); its streaming is shown on the older one
 */
export const anyLlm: Endpoint<'fal-ai/any-llm'> = defineEndpoint({
  id: 'fal-ai/any-llm',
  kind: 'prompt',
  closed: true,
  input: defineSchema({
    type: 'object',
    properties: {
      ...promptFields,
      model: {
        type: 'string',
        enum: anyLlmModels,
        default: defaultModel,
        examples: ['google/gemini-2.5-flash'],
      },
    },
    required: ['prompt'],
  }),
  output: defineSchema(promptOutput),
  models: toModelInfos(anyLlmModels, defaultModel, premiumModels),
  modelsAreOpen: false,
  defaultModel,
  supports: { stream: true, queue: true, images: false, usage: false },
  documentation: 'https://fal.ai/models/fal-ai/any-llm/api',
})
