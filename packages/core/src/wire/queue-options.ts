import { nearest } from '../endpoints/validate/nearest.ts'
import { FalLlmError } from '../errors.ts'
import type { QueueOptions } from './queue/fal-queue.ts'

const words = {
  follow: ['auto', 'stream', 'poll'],
  priority: ['normal', 'low'],
} as const

/**
 * Checks the options that are one of a few words, before anything is sent.
 *
 * @throws FalLlmError `invalid-input` that names the word which was probably meant.
 */
export function checkQueueOptions(options: QueueOptions): void {
  const issues = (['follow', 'priority'] as const).flatMap((path) => {
    const given = options[path]
    const known: readonly string[] = words[path]
    if (given === undefined || known.includes(given)) return []
    const similar = nearest(given, known)
    const hint = similar === undefined ? '' : `; nearest is "${similar}"`
    const message = `must be ${known.map((word) => `"${word}"`).join(' or ')}${hint}`
    return [{ path, message, type: 'literal_error' }]
  })
  if (issues.length === 0) return
  const message = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
  throw new FalLlmError('invalid-input', message, { issues })
}
