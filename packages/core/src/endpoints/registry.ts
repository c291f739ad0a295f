import { anyLlmEnterprise } from './schemas/any-llm-enterprise.ts'
import { anyLlm } from './schemas/any-llm.ts'
import type { EndpointId } from './endpoint-map.ts'
import type { Endpoint } from './endpoint.ts'
import { openAiChat } from './schemas/openai-chat.ts'
import { routerVision } from './schemas/router-vision.ts'
import { router } from './schemas/router.ts'

/** fal's language model endpoints, by id. */
export const endpoints: { readonly [Id in EndpointId]: Endpoint<Id> } = {
  'openrouter/router': router,
  'openrouter/router/vision': routerVision,
  'openrouter/router/openai/v1/chat/completions': openAiChat,
  'fal-ai/any-llm': anyLlm,
  'fal-ai/any-llm/enterprise': anyLlmEnterprise,
}
