export {
  anyLlmEnterpriseModels,
  anyLlmModels,
  openRouterModels,
  premiumModels,
  visionModels,
} from './catalogue/models.ts'
export type { AnyLlmEnterpriseModel, AnyLlmModel, OpenRouterModel } from './catalogue/models.ts'
export { defineEndpoint } from './endpoint.ts'
export type { Endpoint, ModelInfo, StandardSchema } from './endpoint.ts'
export type {
  EndpointId,
  EndpointMap,
  MessagesEndpoint,
  ModelChoiceOf,
  ModelOf,
  ModeOf,
  OptionalModel,
  ParamsOf,
  PromptEndpoint,
  RequiredModel,
} from './endpoint-map.ts'
export type { AnyLlmParams, EnterpriseParams, PriorityParams, SamplingParams } from './params.ts'
export type { OpenAiParams, ReasoningOptions, ResponseFormat } from './openai-params.ts'
export type { ContentPart, ModelMessage } from './model-message.ts'
export { endpoints } from './registry.ts'
export { resolveEndpoint } from './resolve-endpoint.ts'
export { toJsonSchema } from './to-json-schema.ts'
export { validateInput } from './input/validate-input.ts'
export type { InputValidation } from './input/validate-input.ts'
export type { InputIssue } from '../errors.ts'
