import { defineSchema } from '../validate/define-schema.ts'
import { defineEndpoint } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import { anyLlmEnterpriseModels, premiumModels, toModelInfos } from '../catalogue/models.ts'
import type { AnyLlmEnterpriseModel } from '../catalogue/models.ts'
import { promptFields } from './prompt-fields.ts'
import { promptOutput } from './prompt-output.ts'

const defaultModel: AnyLlmEnterpriseModel = 'google/gemini-flash-1.5'
const { prompt, system_prompt, reasoning, priority } = promptFields

/**
 * fal-ai/any-llm/enterprise: only models that do not train on private data.
 * It takes neither `temperature` nor `max_tokens`, and no page shows a stream.
 *
 * @source fal, any-llm Enterprise page (seed 000)
 */
export const anyLlmEnterprise: Endpoint<'fal-ai/any-llm/enterprise'> = defineEndpoint({
  id: 'fal-ai/any-llm/enterprise',
  kind: 'prompt',
  closed: true,
  input: defineSchema({
    type: 'object',
    properties: {
      prompt,
      system_prompt,
      reasoning,
      priority,
      model: {
        type: 'string',
        enum: anyLlmEnterpriseModels,
        default: defaultModel,
        examples: ['google/gemini-2.0-flash-001'],
      },
    },
    required: ['prompt'],
  }),
  output: defineSchema(promptOutput),
  models: toModelInfos(anyLlmEnterpriseModels, defaultModel, premiumModels),
  modelsAreOpen: false,
  defaultModel,
  supports: { stream: false, queue: true, images: false, usage: false },
  documentation: 'https://fal.ai/models/fal-ai/any-llm/enterprise/api',
})
