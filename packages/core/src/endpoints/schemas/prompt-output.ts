import type { SchemaNode } from '../validate/schema-node.ts'

/**
 * What a prompt endpoint answers.
 * fal's pages type `reasoning` and `error` as strings; on the wire both are null when there is nothing to say.
 *
 * @source fal, the endpoints' pages (seeds 000, 001, 003); `"error":null` is in fal's printed samples
 */
export const promptOutput: SchemaNode = {
  type: 'object',
  properties: {
    output: { type: 'string' },
    reasoning: { type: ['string', 'null'] },
    partial: { type: 'boolean', default: false },
    error: { type: ['string', 'null'] },
  },
  required: ['output'],
}
