import { describe, expect, it } from 'vitest'
import { FalLlmError } from '../errors.ts'
import { defineEndpoint } from './endpoint.ts'
import { endpoints } from './registry.ts'
import { resolveEndpoint } from './resolve-endpoint.ts'

function refusal(endpoint: string): FalLlmError {
  try {
    resolveEndpoint(endpoint)
  } catch (error) {
    if (error instanceof FalLlmError) return error
  }
  throw new Error(`"${endpoint}" was not refused with a FalLlmError`)
}

describe('resolveEndpoint', () => {
  it('finds each endpoint by its id', () => {
    for (const [id, endpoint] of Object.entries(endpoints)) {
      expect(resolveEndpoint(id)).toBe(endpoint)
    }
  })

  it('passes an endpoint of your own unchanged', () => {
    const own = defineEndpoint({ ...endpoints['openrouter/router'], id: 'me/my-llm' })
    expect(resolveEndpoint(own)).toBe(own)
  })

  it('rule 21: an unknown endpoint is refused with the nearest known one', () => {
    expect(refusal('openrouter/ruter')).toMatchObject({
      code: 'not-found',
      message:
        'Unknown endpoint "openrouter/ruter". Did you mean "openrouter/router"? For your own fal app use defineEndpoint().',
    })
  })

  it.each([
    ['fal-ai/anyllm', 'fal-ai/any-llm'],
    ['any-llm', 'fal-ai/any-llm'],
    ['fal-ai/any-llm-enterprise', 'fal-ai/any-llm/enterprise'],
    ['Openrouter/Router/Vision', 'openrouter/router/vision'],
  ])('rule 21: takes %s for %s', (given, meant) => {
    expect(refusal(given).message).toContain(`Did you mean "${meant}"?`)
  })

  it('rule 21: lists what is known when nothing is near', () => {
    for (const id of Object.keys(endpoints)) expect(refusal('zzz').message).toContain(id)
  })

  it.each(['', 'constructor', '__proto__', 'toString', 'x'.repeat(1_000_000)])(
    'refuses odd ids with a short message',
    (id) => {
      const { code, message } = refusal(id)
      expect(code).toBe('not-found')
      expect(message.length).toBeLessThan(400)
    },
  )
})
