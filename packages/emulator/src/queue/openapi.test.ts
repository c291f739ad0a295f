import { endpoints } from '@fal-llm/core/endpoints'
import { describe, expect, it } from 'vitest'
import { createEmulator } from '../emulator.ts'

const at = (id: string) =>
  createEmulator().fetch(
    new Request(
      `http://127.0.0.1:1/fal.ai/api/openapi/queue/openapi.json?endpoint_id=${encodeURIComponent(id)}`,
    ),
  )

describe('the OpenAPI description of an endpoint', () => {
  it.each(Object.keys(endpoints))('is where fal’s page of %s says, without a key', async (id) => {
    const response = await at(id)
    expect(response.status).toBe(200)
    const [owner, alias] = id.split('/')
    expect(await response.json()).toMatchObject({
      openapi: '3.1.0',
      components: {
        schemas: { Input: { type: 'object' }, Output: { type: 'object' } },
      },
      paths: {
        [`/${id}`]: { post: {} },
        [`/${owner}/${alias}/requests/{request_id}/status`]: { get: {} },
      },
    })
  })

  it('names every field of the input', async () => {
    const { components } = (await (await at('fal-ai/any-llm')).json()) as {
      components: { schemas: { Input: { properties: object; required: string[] } } }
    }
    expect(Object.keys(components.schemas.Input.properties).toSorted()).toEqual([
      'max_tokens',
      'model',
      'priority',
      'prompt',
      'reasoning',
      'system_prompt',
      'temperature',
    ])
    expect(components.schemas.Input.required).toEqual(['prompt'])
  })

  it('does not exist for an unknown endpoint', async () => {
    expect((await at('fal-ai/nope')).status).toBe(404)
  })
})
