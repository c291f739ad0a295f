import { defineSchema } from '../validate/define-schema.ts'
import { defineEndpoint } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import { openRouterModels, toModelInfos } from '../catalogue/models.ts'
import { routerFields } from './router-fields.ts'
import { routerOutput } from './router-output.ts'

/**
 * openrouter/router: one prompt to any model of OpenRouter, with the usage reported.
 *
 * @source fal, openrouter/router page (seed 003)
 */
export const router: Endpoint<'openrouter/router'> = defineEndpoint({
  id: 'openrouter/router',
  kind: 'prompt',
  closed: true,
  input: defineSchema({
    type: 'object',
    properties: routerFields,
    required: ['prompt', 'model'],
  }),
  output: defineSchema(routerOutput),
  models: toModelInfos(openRouterModels),
  modelsAreOpen: true,
  defaultModel: undefined,
  supports: { stream: true, queue: true, images: false, usage: true },
  documentation: 'https://fal.ai/models/openrouter/router/api',
})
