import type { InputIssue } from '../../errors.ts'
import type { Endpoint } from '../endpoint.ts'
import { nearest } from '../validate/nearest.ts'
import { endpoints } from '../registry.ts'

/** What a request is made of besides its parameters. */
const content = ['prompt', 'system_prompt', 'model', 'image_urls']

/**
 * Finds the fields of a wire input that a closed endpoint does not have: one issue each, with the nearest it has, or what
 * it takes and who takes the one that was given.
 */
export function findUnknownFields(endpoint: Endpoint, input: object): readonly InputIssue[] {
  const fields = fieldsOf(endpoint)
  if (!endpoint.closed || !fields) return []
  const parameters = fields.filter((field) => !content.includes(field))
  return Object.keys(input)
    .filter((name) => !fields.includes(name))
    .map((name) => {
      const similar = nearest(name, parameters)
      const hint =
        similar === undefined
          ? explainTaken(name, parameters)
          : `nearest is "${toCamelCase(similar)}"`
      const message = `is no parameter of "${endpoint.id}"; ${hint}`
      return { path: `body.${name}`, message, type: 'extra_forbidden' }
    })
}

function fieldsOf({ input }: Endpoint): readonly string[] | undefined {
  const { properties } = input['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) ?? {}
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : undefined
}

function explainTaken(name: string, parameters: readonly string[]): string {
  const other = Object.values(endpoints).find((endpoint) => fieldsOf(endpoint)?.includes(name))
  const elsewhere = other === undefined ? '' : `; "${other.id}" takes it`
  return `it takes ${parameters.map(toCamelCase).join(', ')}${elsewhere}`
}

/** Parameters are given in camelCase. */
function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
