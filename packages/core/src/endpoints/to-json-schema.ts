import { FalLlmError } from '../errors.ts'
import type { EndpointId } from './endpoint-map.ts'
import type { Endpoint } from './endpoint.ts'
import { fieldNotes } from './field-notes.ts'
import { resolveEndpoint } from './resolve-endpoint.ts'

/**
 * Describes an endpoint's input or output as JSON Schema (draft 2020-12), which OpenAPI 3.1 takes as it is.
 * Each call returns an object of its own.
 *
 * @throws FalLlmError `not-found` for an unknown id; `unsupported` for an endpoint of your own whose schema cannot
 * describe itself.
 */
export function toJsonSchema(
  endpoint: EndpointId | Endpoint,
  side: 'input' | 'output',
): Record<string, unknown> {
  const { id, [side]: schema } = resolveEndpoint(endpoint)
  const { jsonSchema } = schema['~standard']
  if (!jsonSchema) {
    throw new FalLlmError(
      'unsupported',
      `The ${side} of "${id}" has no JSON Schema: its schema must implement Standard JSON Schema.`,
      { endpoint: id },
    )
  }
  const document = jsonSchema.input({ target: 'draft-2020-12' })
  const { properties } = document
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...document,
    ...(typeof properties === 'object' && { properties: withNotes({ ...properties }) }),
  }
}

function withNotes(fields: Record<string, object>): object {
  for (const [name, description] of Object.entries(fieldNotes)) {
    if (fields[name]) fields[name] = { description, ...fields[name] }
  }
  return fields
}
