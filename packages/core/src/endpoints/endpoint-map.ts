import type { RunMode } from '../events.ts'
import type { AnyLlmEnterpriseModel, AnyLlmModel, OpenRouterModel } from './catalogue/models.ts'
import type { OpenAiParams } from './openai-params.ts'
import type { AnyLlmParams, EnterpriseParams, SamplingParams } from './params.ts'

/** `model`, where fal requires it. */
export interface RequiredModel<Model extends string> {
  readonly model: Model
}

/** `model`, where the endpoint has one of its own. */
export interface OptionalModel<Model extends string> {
  readonly model?: Model | undefined
}

/** An endpoint that takes one prompt. */
export interface PromptEndpoint<
  Model extends string,
  Params,
  ModelIs extends 'required' | 'optional' = 'optional',
  Mode extends RunMode = RunMode,
> {
  kind: 'prompt'
  model: Model
  params: Params
  /** Whether `model` must be named. */
  modelIs: ModelIs
  /** How it can be called. */
  mode: Mode
}

/** An endpoint that takes a list of messages. */
export interface MessagesEndpoint<
  Model extends string,
  Params,
  ModelIs extends 'required' | 'optional' = 'optional',
  Mode extends RunMode = RunMode,
> {
  kind: 'messages'
  model: Model
  params: Params
  /** Whether `model` must be named. */
  modelIs: ModelIs
  /** How it can be called. */
  mode: Mode
}

/** What each endpoint takes, by its id. */
export interface EndpointMap {
  'fal-ai/any-llm': PromptEndpoint<AnyLlmModel, AnyLlmParams>
  'fal-ai/any-llm/enterprise': PromptEndpoint<
    AnyLlmEnterpriseModel,
    EnterpriseParams,
    'optional',
    'queue' | 'run'
  >
  'openrouter/router': PromptEndpoint<OpenRouterModel, SamplingParams, 'required'>
  'openrouter/router/vision': PromptEndpoint<OpenRouterModel, SamplingParams, 'required'>
  'openrouter/router/openai/v1/chat/completions': MessagesEndpoint<
    OpenRouterModel,
    OpenAiParams,
    'required'
  >
}

/** The id of an endpoint that is known here. */
export type EndpointId = keyof EndpointMap

/** The models of an endpoint. */
export type ModelOf<E extends EndpointId> = EndpointMap[E]['model']

/** The parameters of an endpoint. */
export type ParamsOf<E extends EndpointId> = EndpointMap[E]['params']

/** How an endpoint can be called: one without a stream has no 'stream'. */
export type ModeOf<E extends EndpointId> = EndpointMap[E]['mode']

/** `model`, required where every endpoint in question requires it. */
export type ModelChoiceOf<E extends EndpointId> = 'optional' extends EndpointMap[E]['modelIs']
  ? OptionalModel<ModelOf<E>>
  : RequiredModel<ModelOf<E>>
