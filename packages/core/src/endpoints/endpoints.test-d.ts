import { describe, expectTypeOf, test } from 'vitest'
import { defineEndpoint, endpoints, resolveEndpoint, validateInput } from './index.ts'
import type {
  AnyLlmEnterpriseModel,
  AnyLlmModel,
  Endpoint,
  EndpointId,
  EndpointMap,
  InputIssue,
  ModelOf,
  OpenRouterModel,
  ParamsOf,
} from './index.ts'

/** Stands for every call that names an endpoint, its model and its parameters. */
declare function ask<E extends EndpointId = 'openrouter/router'>(request: {
  readonly endpoint?: E
  readonly model?: ModelOf<E>
  readonly params?: ParamsOf<E>
}): void

describe('what compiles', () => {
  test('the models and parameters of each endpoint', () => {
    ask({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o', params: { temperature: 0.5 } })
    ask({ endpoint: 'fal-ai/any-llm', params: { priority: 'latency', maxTokens: 5 } })
    ask({ endpoint: 'fal-ai/any-llm/enterprise', params: { priority: 'throughput' } })
    ask({ endpoint: 'fal-ai/any-llm/enterprise', params: { reasoning: true } })
    ask({ endpoint: 'openrouter/router', model: 'x-ai/any-slug', params: { reasoning: true } })
    ask({ endpoint: 'openrouter/router/vision', model: 'google/gemini-2.5-flash' })
    ask({ model: 'x-ai/any-slug', params: { temperature: 1 } })
    ask({
      endpoint: 'openrouter/router/openai/v1/chat/completions',
      params: { temperature: 1, top_p: 0.5, responseFormat: { type: 'json_object' } },
    })
  })

  test('undefined where a parameter may be left out', () => {
    const temperature: number | undefined = Math.random() > 0.5 ? 1 : undefined
    ask({ endpoint: 'fal-ai/any-llm', params: { temperature } })
  })
})

describe('what does not compile', () => {
  test('a model the catalogue does not hold', () => {
    // @ts-expect-error: misspelt
    ask({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt4o' })
    // @ts-expect-error: not among those that do not train on private data
    ask({ endpoint: 'fal-ai/any-llm/enterprise', model: 'google/gemini-2.5-flash' })
    // @ts-expect-error: premium, but of the vision endpoint
    ask({ endpoint: 'fal-ai/any-llm', model: 'meta-llama/llama-3.2-90b-vision-instruct' })
  })

  test('a parameter the endpoint does not take', () => {
    // @ts-expect-error: enterprise has no temperature
    ask({ endpoint: 'fal-ai/any-llm/enterprise', params: { temperature: 1 } })
    // @ts-expect-error: nor a limit of tokens
    ask({ endpoint: 'fal-ai/any-llm/enterprise', params: { maxTokens: 1 } })
    // @ts-expect-error: only any-llm has priorities
    ask({ endpoint: 'openrouter/router', params: { priority: 'latency' } })
    // @ts-expect-error: parameters are camelCase
    ask({ endpoint: 'fal-ai/any-llm', params: { max_tokens: 1 } })
    // @ts-expect-error: unknown
    ask({ endpoint: 'fal-ai/any-llm', params: { topP: 1 } })
  })

  test('a parameter of the wrong type', () => {
    // @ts-expect-error: a number
    ask({ endpoint: 'fal-ai/any-llm', params: { temperature: 'hot' } })
    // @ts-expect-error: one of two words
    ask({ endpoint: 'fal-ai/any-llm', params: { priority: 'fast' } })
    // @ts-expect-error: a number, among OpenAI's open parameters too
    ask({ endpoint: 'openrouter/router/openai/v1/chat/completions', params: { temperature: '1' } })
  })

  test('an unknown endpoint', () => {
    // @ts-expect-error: misspelt
    ask({ endpoint: 'openrouter/ruter' })
    // @ts-expect-error: misspelt
    validateInput('openrouter/ruter', {})
    // @ts-expect-error: misspelt
    expectTypeOf(endpoints['openrouter/ruter']).toBeAny()
  })
})

describe('the types', () => {
  test('models come from the catalogues', () => {
    expectTypeOf<ModelOf<'fal-ai/any-llm'>>().toEqualTypeOf<AnyLlmModel>()
    expectTypeOf<ModelOf<'fal-ai/any-llm/enterprise'>>().toEqualTypeOf<AnyLlmEnterpriseModel>()
    expectTypeOf<AnyLlmEnterpriseModel>().toExtend<AnyLlmModel>()
    expectTypeOf<'google/gemini-2.5-flash-lite'>().toExtend<AnyLlmModel>()
    expectTypeOf<string>().not.toExtend<AnyLlmModel>()
    expectTypeOf<string>().toExtend<OpenRouterModel>()
  })

  test('the registry knows its ids and kinds', () => {
    expectTypeOf(endpoints['fal-ai/any-llm']).toEqualTypeOf<Endpoint<'fal-ai/any-llm'>>()
    expectTypeOf<keyof typeof endpoints>().toEqualTypeOf<EndpointId>()
    expectTypeOf<EndpointMap['openrouter/router']['kind']>().toEqualTypeOf<'prompt'>()
  })

  test('an endpoint of your own keeps its id', () => {
    const own = defineEndpoint({ ...endpoints['openrouter/router'], id: 'me/my-llm' })
    expectTypeOf(own).toEqualTypeOf<Endpoint<'me/my-llm'>>()
    expectTypeOf(resolveEndpoint(own)).toEqualTypeOf<Endpoint>()
    validateInput(own, {})
  })

  test('a validation is either', () => {
    const checked = validateInput('openrouter/router', {})
    if (checked.ok) expectTypeOf(checked.value).toEqualTypeOf<Record<string, unknown>>()
    else expectTypeOf(checked.issues).toEqualTypeOf<readonly InputIssue[]>()
  })
})
