import { toFields } from '../../json.ts'
import type { Question } from '../question.ts'
import { makeFittingValue } from './make-fitting-value.ts'

/**
 * Writes the JSON that `response_format` asks for: an object with the answer, or a value that fits a schema. Returns undefined
 * where the input asks for none.
 *
 * @param text The answer as text.
 */
export function writeJsonAnswer({ endpoint, input }: Question, text: string): string | undefined {
  // Only chat endpoints have this parameter; others ignore the field.
  if (endpoint.kind !== 'messages') return undefined
  const { type, json_schema: wanted } = toFields(input['response_format'])
  if (type === 'json_object') return JSON.stringify({ answer: text })
  if (type !== 'json_schema') return undefined
  const { schema, name } = toFields(wanted)
  return JSON.stringify(makeFittingValue(schema, typeof name === 'string' ? name : undefined))
}
