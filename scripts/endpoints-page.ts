import { endpoints, toJsonSchema } from '@fal-llm/core/endpoints'
import type { Endpoint } from '@fal-llm/core/endpoints'

interface Field {
  readonly type?: unknown
  readonly anyOf?: readonly Field[]
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly description?: string
}

/** The page docs/endpoints.md, made of the endpoints' own data. */
export function endpointsPage(): string {
  return [
    '# Endpoints',
    '',
    'Made by `pnpm pages` from `packages/core/src/endpoints`; a test holds it to what is there.',
    ...Object.values(endpoints).flatMap((endpoint) => ['', ...sectionOf(endpoint)]),
    '',
  ].join('\n')
}

function sectionOf(endpoint: Endpoint): readonly string[] {
  const { id, kind, models, modelsAreOpen, defaultModel, supports, documentation } = endpoint
  const premium = models.filter((model) => model.premium).length
  const can = Object.entries(supports).flatMap(([what, does]) => (does ? [what] : []))
  const fallback = defaultModel === undefined ? 'none, `model` is required' : `\`${defaultModel}\``
  return [
    `## ${id}`,
    '',
    `Takes ${kind === 'prompt' ? 'one prompt' : "OpenAI's messages"}; supports ${can.join(', ')}. ` +
      `${models.length} known models${premium > 0 ? `, ${premium} of them premium` : ''}${modelsAreOpen ? ', others are passed on' : ''}. ` +
      `Default model: ${fallback}. Source: <${documentation}>`,
    '',
    '| field | type | range | default | |',
    '|---|---|---|---|---|',
    ...rowsOf(endpoint),
  ]
}

function rowsOf(endpoint: Endpoint): readonly string[] {
  // What toJsonSchema prints is an object schema for each of fal's endpoints.
  const { properties, required = [] } = toJsonSchema(endpoint, 'input') as {
    readonly properties: Readonly<Record<string, Field>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, field]) => {
    const { minimum, maximum } = field.anyOf?.find((one) => one.type !== 'null') ?? field
    const range =
      minimum === undefined && maximum === undefined ? '' : `${minimum ?? ''} – ${maximum ?? ''}`
    const fallback = field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``
    const note = `${required.includes(name) ? '**required** ' : ''}${field.description ?? ''}`
    return `| \`${name}\` | ${typeOf(field)} | ${range} | ${fallback} | ${note.trim().replaceAll('|', '\\|').replaceAll('\n', ' ')} |`
  })
}

function typeOf({ type, anyOf, enum: values }: Field): string {
  if (values && values.length <= 6) return values.map((value) => `\`${String(value)}\``).join(', ')
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' or ')
  return Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : 'any'
}
