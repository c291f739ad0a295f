import { toJsonSchema } from '@fal-llm/core/endpoints'
import type { Endpoint } from '@fal-llm/core/endpoints'
import { toAppId } from '../http/find-endpoint.ts'

/**
 * Writes the OpenAPI 3.1 document of an endpoint's queue, as fal.ai serves it under /api/openapi/queue/openapi.json.
 */
export function toOpenApi(endpoint: Endpoint): object {
  const { id } = endpoint
  const requests = `/${toAppId(id)}/requests/{request_id}`
  return {
    openapi: '3.1.0',
    info: {
      title: `Queue OpenAPI for ${id}`,
      version: '1.0.0',
      'x-fal-metadata': { endpointId: id, documentationUrl: endpoint.documentation },
    },
    components: {
      securitySchemes: {
        apiKeyAuth: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'Fal Key',
        },
      },
      schemas: {
        QueueStatus: queueStatus,
        Input: toJsonSchema(endpoint, 'input'),
        Output: toJsonSchema(endpoint, 'output'),
      },
    },
    paths: {
      [`/${id}`]: {
        post: {
          parameters: [],
          requestBody: { required: true, content: json('Input') },
          responses: { 200: { description: 'The request status.', content: json('QueueStatus') } },
        },
      },
      [requests]: {
        get: {
          parameters: [requestId],
          responses: { 200: { description: 'Result of the request.', content: json('Output') } },
        },
      },
      [`${requests}/status`]: {
        get: {
          parameters: [requestId, { name: 'logs', in: 'query', schema: { type: 'number' } }],
          responses: { 200: { description: 'The request status.', content: json('QueueStatus') } },
        },
      },
      [`${requests}/cancel`]: {
        put: {
          parameters: [requestId],
          responses: { 202: { description: 'The request was asked to stop.' } },
        },
      },
    },
    servers: [{ url: 'https://queue.fal.run' }],
    security: [{ apiKeyAuth: [] }],
  }
}

const requestId = { name: 'request_id', in: 'path', required: true, schema: { type: 'string' } }

const queueStatus = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'] },
    request_id: { type: 'string' },
    response_url: { type: 'string' },
    status_url: { type: 'string' },
    cancel_url: { type: 'string' },
    logs: { type: ['array', 'null'], items: { type: 'object' } },
    metrics: { type: 'object' },
    queue_position: { type: 'integer' },
  },
  required: ['status', 'request_id'],
}

function json(name: string): object {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } }
}
