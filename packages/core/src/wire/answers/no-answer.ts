import { FalLlmError } from '../../errors.ts'
import { inBandError } from '../http/response-error.ts'

/** An answer that was due. */
export interface DueAnswer {
  readonly endpoint: string
  readonly requestId: string | undefined
  /** Where its words should have been, as a path: `output`. */
  readonly wordsAt: string
  /** What the job's status said went wrong, where it said something. */
  readonly failure: unknown
}

/**
 * The error of something that came as an answer and holds none. It says what came: fal's own words, and of the rest the
 * shape only, because the rest may repeat the prompt.
 */
export function noAnswerError(came: unknown, due: DueAnswer): FalLlmError {
  const { endpoint, requestId, wordsAt, failure } = due
  if (failure !== undefined) return inBandError(failure, endpoint, requestId)
  return new FalLlmError(
    'provider',
    `fal sent ${shapeOf(came)} where an answer with words at "${wordsAt}" was due`,
    { endpoint, requestId },
  )
}

/** Fields in which fal and OpenRouter speak for themselves. */
const ownWords: ReadonlySet<string> = new Set(['detail', 'message', 'status', 'type', 'error_type'])
const maxFields = 8
const maxNameLength = 40
const maxWordsLength = 300

function shapeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return kindOf(value)
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const fields = entries
    .slice(0, maxFields)
    .map(([name, field]) => `${name.slice(0, maxNameLength)}: ${wordsIn(name, field)}`)
  const more = entries.length > maxFields ? ', …' : ''
  return `{ ${fields.join(', ')}${more} }`
}

function wordsIn(name: string, field: unknown): string {
  const speaks = typeof field === 'string' && ownWords.has(name)
  return speaks ? JSON.stringify(field.slice(0, maxWordsLength)) : kindOf(field)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return 'text'
  if (Array.isArray(value)) return 'a list'
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.keys(value).length === 0 ? '{}' : '{…}'
}
