// The parameters of chat/completions that are known here: their types, in camelCase and as on the wire. Every other name is
// taken as it is, for OpenRouter learns new ones.

import type { SamplingParams } from './params.ts'

/** How much a model thinks first, as OpenRouter takes it. `true` stands for `{ enabled: true }`. */
export interface ReasoningOptions {
  readonly enabled?: boolean
  /** 'none', 'minimal', 'low', 'medium', 'high', 'xhigh' or 'max'. */
  readonly effort?: string
  /** Tokens. */
  readonly max_tokens?: number
  /** Thinks, and keeps it to itself. */
  readonly exclude?: boolean
}

/** Holds a model to JSON: any, or what fits a schema. */
export interface ResponseFormat {
  /** 'text', 'json_object' or 'json_schema'. */
  readonly type: string
  readonly json_schema?: {
    readonly name: string
    readonly strict?: boolean
    readonly schema: object
  }
}

interface KnownParams extends Omit<SamplingParams, 'reasoning'> {
  reasoning?: boolean | ReasoningOptions | null | undefined
  reasoningEffort?: string | undefined
  /** Tokens, at least 1. */
  maxCompletionTokens?: number | undefined
  /** 0 to 1. */
  topP?: number | undefined
  topK?: number | undefined
  /** 0 to 1. */
  minP?: number | undefined
  /** 0 to 1. */
  topA?: number | undefined
  /** -2 to 2. */
  frequencyPenalty?: number | undefined
  /** -2 to 2. */
  presencePenalty?: number | undefined
  /** 0 to 2. */
  repetitionPenalty?: number | undefined
  seed?: number | undefined
  stop?: string | readonly string[] | undefined
  responseFormat?: ResponseFormat | null | undefined
  tools?: readonly object[] | undefined
  toolChoice?: string | object | undefined
  parallelToolCalls?: boolean | undefined
}

type ToSnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? First extends Lowercase<First>
    ? `${First}${ToSnakeCase<Rest>}`
    : `_${Lowercase<First>}${ToSnakeCase<Rest>}`
  : ''

type OnTheWire<Params> = {
  [Name in keyof Params & string as Exclude<ToSnakeCase<Name>, Name>]?: Params[Name]
}

/** Every parameter of OpenAI's chat/completions, in camelCase or as on the wire; the known names have their types. */
export interface OpenAiParams extends KnownParams, OnTheWire<KnownParams> {
  [openAiParam: string]: unknown
}
