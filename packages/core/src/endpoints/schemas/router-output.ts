import { promptOutput } from './prompt-output.ts'
import type { SchemaNode } from '../validate/schema-node.ts'

const count: SchemaNode = { type: ['integer', 'null'] }

/**
 * What openrouter/router and openrouter/router/vision answer: a prompt endpoint's output, and what it used.
 * Vision's page shows only `output` and `usage`.
 *
 * @source fal, openrouter/router page, "Output" and "UsageInfo" (seed 003); vision's example (seed 004)
 */
export const routerOutput: SchemaNode = {
  ...promptOutput,
  properties: {
    ...promptOutput.properties,
    usage: {
      type: ['object', 'null'],
      properties: {
        prompt_tokens: count,
        completion_tokens: count,
        total_tokens: count,
        cost: { type: 'number' },
      },
      required: ['cost'],
    },
  },
}
