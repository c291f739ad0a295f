import { checkValue } from './check-value.ts'
import type { StandardSchema } from '../endpoint.ts'
import type { SchemaNode } from './schema-node.ts'

/** Makes a Standard Schema of a JSON Schema: it validates, and it describes itself. */
export function defineSchema(node: SchemaNode): StandardSchema {
  return {
    '~standard': {
      version: 1,
      vendor: 'fal-llm',
      validate(value) {
        const { value: copy, issues } = checkValue(node, value)
        return issues.length === 0 ? { value: copy } : { issues }
      },
      // A copy, so that nobody edits what is checked against.
      jsonSchema: { input: () => JSON.parse(JSON.stringify(node)) },
    },
  }
}
