import type { AnyLlmEnterpriseModel, AnyLlmModel, OpenRouterModel } from './models.ts'

/** How freely and how long a model writes. */
export interface SamplingParams {
  /** 0 to 2. The router endpoints default to 1, the others to the model's own. */
  temperature?: number | undefined
  /** Tokens, at least 1. Default: what the context leaves. */
  maxTokens?: number | undefined
  /** Asks for the reasoning beside the answer. Default false. */
  reasoning?: boolean | undefined
}

/** Whether any-llm prefers many tokens a second or a quick first one. Default 'latency'. */
export interface PriorityParams {
  priority?: 'latency' | 'throughput' | undefined
}

/** What any-llm/enterprise can be told: no temperature, no maxTokens. */
export interface EnterpriseParams extends PriorityParams {
  /** Asks for the reasoning beside the answer. Default false. */
  reasoning?: boolean | undefined
}

/** What any-llm can be told. */
export interface AnyLlmParams extends SamplingParams, PriorityParams {}

/** Every parameter of OpenAI's chat/completions, in camelCase or as on the wire. */
export interface OpenAiParams extends SamplingParams {
  [openAiParam: string]: unknown
}

/** An endpoint that takes one prompt. */
export interface PromptEndpoint<Model extends string, Params> {
  kind: 'prompt'
  model: Model
  params: Params
}

/** An endpoint that takes a list of messages. */
export interface MessagesEndpoint<Model extends string, Params> {
  kind: 'messages'
  model: Model
  params: Params
}

/** What each endpoint takes, by its id. */
export interface EndpointMap {
  'fal-ai/any-llm': PromptEndpoint<AnyLlmModel, AnyLlmParams>
  'fal-ai/any-llm/enterprise': PromptEndpoint<AnyLlmEnterpriseModel, EnterpriseParams>
  'openrouter/router': PromptEndpoint<OpenRouterModel, SamplingParams>
  'openrouter/router/vision': PromptEndpoint<OpenRouterModel, SamplingParams>
  'openrouter/router/openai/v1/chat/completions': MessagesEndpoint<OpenRouterModel, OpenAiParams>
}

/** The id of an endpoint that is known here. */
export type EndpointId = keyof EndpointMap

/** The models of an endpoint. */
export type ModelOf<E extends EndpointId> = EndpointMap[E]['model']

/** The parameters of an endpoint. */
export type ParamsOf<E extends EndpointId> = EndpointMap[E]['params']
