import { describe, expect, it } from 'vitest'
import type { Endpoint } from './endpoint.ts'
import { anyLlmEnterpriseModels, anyLlmModels, premiumModels } from './catalogue/models.ts'
import { endpoints } from './registry.ts'
import { seedInputs, seedOutputs } from './seed-examples.test.data.ts'
import { toJsonSchema } from './to-json-schema.ts'
import { validateInput } from './input/validate-input.ts'

const all: readonly Endpoint[] = Object.values(endpoints)

function premiumOf(endpoint: Endpoint): readonly string[] {
  return endpoint.models.filter(({ premium }) => premium).map(({ id }) => id)
}

describe('the registry', () => {
  it('lists every endpoint under its own id', () => {
    expect(Object.entries(endpoints).map(([id, endpoint]) => [id, endpoint.id])).toEqual([
      ['openrouter/router', 'openrouter/router'],
      ['openrouter/router/vision', 'openrouter/router/vision'],
      [
        'openrouter/router/openai/v1/chat/completions',
        'openrouter/router/openai/v1/chat/completions',
      ],
      ['fal-ai/any-llm', 'fal-ai/any-llm'],
      ['fal-ai/any-llm/enterprise', 'fal-ai/any-llm/enterprise'],
    ])
  })

  it.each(seedInputs)('accepts the input of seed %s unchanged', (_seed, endpoint, input) => {
    expect(validateInput(endpoint, input)).toEqual({ ok: true, value: input })
  })

  it.each(seedOutputs)('accepts the output of seed %s unchanged', (_seed, endpoint, output) => {
    expect(endpoints[endpoint].output['~standard'].validate(output)).toEqual({ value: output })
  })

  it.each(seedOutputs)('refuses the output of seed %s without its text', (_seed, id, output) => {
    const { output: _text, ...rest } = output
    expect(endpoints[id].output['~standard'].validate(rest)).toMatchObject({
      issues: [{ path: ['output'], type: 'missing' }],
    })
  })

  it('knows which endpoints stream, look at images and report usage', () => {
    const traits = all.map(({ id, supports: { stream, images, usage } }) => [
      id,
      stream,
      images,
      usage,
    ])
    expect(traits).toEqual([
      ['openrouter/router', true, false, true],
      ['openrouter/router/vision', true, true, true],
      ['openrouter/router/openai/v1/chat/completions', true, true, true],
      ['fal-ai/any-llm', true, false, false],
      ['fal-ai/any-llm/enterprise', false, false, false],
    ])
    expect(all.every(({ supports }) => supports.queue)).toBe(true)
  })

  it('declares the fields of the seeds and no others', () => {
    const fields = (id: keyof typeof endpoints): string[] =>
      Object.keys(Object(toJsonSchema(id, 'input')['properties'])).toSorted()
    const enterprise = ['model', 'priority', 'prompt', 'reasoning', 'system_prompt']
    const router = ['max_tokens', 'model', 'prompt', 'reasoning', 'system_prompt', 'temperature']
    expect(fields('fal-ai/any-llm/enterprise')).toEqual(enterprise)
    expect(fields('fal-ai/any-llm')).toEqual(
      [...enterprise, 'max_tokens', 'temperature'].toSorted(),
    )
    expect(fields('openrouter/router')).toEqual(router)
    expect(fields('openrouter/router/vision')).toEqual(['image_urls', ...router])
  })
})

describe('the catalogues', () => {
  it('hold 26 and 22 models, each once', () => {
    expect([anyLlmModels.length, anyLlmEnterpriseModels.length]).toEqual([26, 22])
    for (const { models } of all) {
      expect(new Set(models.map(({ id }) => id)).size).toBe(models.length)
    }
  })

  it('leave four models that train on private data out of enterprise', () => {
    const enterprise: readonly string[] = anyLlmEnterpriseModels
    expect(anyLlmModels.filter((id) => !enterprise.includes(id))).toEqual([
      'deepseek/deepseek-r1',
      'google/gemini-2.5-flash',
      'google/gemini-2.5-flash-lite',
      'google/gemini-2.5-pro',
    ])
  })

  it('mark the premium models of seeds 000 and 001', () => {
    const enterprise = [
      'anthropic/claude-3.7-sonnet',
      'openai/gpt-5-chat',
      'anthropic/claude-3.5-sonnet',
      'anthropic/claude-3-5-haiku',
      'google/gemini-pro-1.5',
      'openai/gpt-4.1',
      'openai/gpt-4o',
      'openai/o3',
    ]
    expect(premiumOf(endpoints['fal-ai/any-llm/enterprise']).toSorted()).toEqual(
      enterprise.toSorted(),
    )
    expect(premiumOf(endpoints['fal-ai/any-llm']).toSorted()).toEqual(
      [...enterprise, 'google/gemini-2.5-pro', 'deepseek/deepseek-r1'].toSorted(),
    )
  })

  it('offer the premium vision model nowhere', () => {
    const orphan = 'meta-llama/llama-3.2-90b-vision-instruct'
    expect(premiumModels).toContain(orphan)
    expect(all.flatMap(({ models }) => models).some(({ id }) => id === orphan)).toBe(false)
  })

  it('have one default where fal has one, and none where the model is required', () => {
    for (const { models, defaultModel, modelsAreOpen } of all) {
      const defaults = models.filter(({ isDefault }) => isDefault).map(({ id }) => id)
      expect(defaults).toEqual(defaultModel === undefined ? [] : [defaultModel])
      expect(modelsAreOpen).toBe(defaultModel === undefined)
    }
    expect(endpoints['fal-ai/any-llm'].defaultModel).toBe('google/gemini-2.5-flash-lite')
    expect(endpoints['fal-ai/any-llm/enterprise'].defaultModel).toBe('google/gemini-flash-1.5')
  })

  it('name each vendor', () => {
    const vendors = new Set(all.flatMap(({ models }) => models.map(({ vendor }) => vendor)))
    expect([...vendors].toSorted()).toEqual([
      'anthropic',
      'deepseek',
      'google',
      'meta-llama',
      'openai',
    ])
  })
})
