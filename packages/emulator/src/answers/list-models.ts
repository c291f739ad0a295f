import type { Endpoint } from '@fal-llm/core/endpoints'

/** Lists an endpoint's known models in OpenAI's shape. */
export function listModels({ models }: Endpoint, nowMs: number): Response {
  const created = Math.floor(nowMs / 1000)
  const data = models.map(({ id, vendor }) => ({ id, object: 'model', created, owned_by: vendor }))
  return Response.json({ object: 'list', data })
}
