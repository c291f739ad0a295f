import { defineSchema } from '../validate/define-schema.ts'
import { defineEndpoint } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import { toModelInfos, visionModels } from '../catalogue/models.ts'
import { routerFields } from './router-fields.ts'
import { routerOutput } from './router-output.ts'

/**
 * openrouter/router/vision: openrouter/router with images to look at.
 * That it streams and that `image_urls` is required are inferred: its page shows neither a stream nor a field list.
 * That it takes six images at most is inferred from public reports of refused requests; no page of fal states a limit.
 *
 * @source fal, openrouter/router/vision page (seed 004); `image_urls` required: the types of @fal-ai/client
 */
export const routerVision: Endpoint<'openrouter/router/vision'> = defineEndpoint({
  id: 'openrouter/router/vision',
  kind: 'prompt',
  closed: true,
  input: defineSchema({
    type: 'object',
    properties: { image_urls: { type: 'array', items: { type: 'string' } }, ...routerFields },
    required: ['image_urls', 'prompt', 'model'],
  }),
  output: defineSchema(routerOutput),
  models: toModelInfos(visionModels),
  modelsAreOpen: true,
  defaultModel: undefined,
  supports: { stream: true, queue: true, images: true, usage: true },
  limits: { images: 6 },
  documentation: 'https://fal.ai/models/openrouter/router/vision/api',
})
