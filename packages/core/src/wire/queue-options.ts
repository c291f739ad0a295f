import { nearest } from '../endpoints/validate/nearest.ts'
import { FalLlmError } from '../errors.ts'

/** How a job is submitted and followed. */
export interface QueueOptions {
  /** Where fal reports the end; it must be reachable from fal. */
  readonly webhookUrl?: string | undefined
  /** Carries log lines in `queue-update`s. Default false. */
  readonly logs?: boolean | undefined
  /** Default 'auto': the status stream, polling where that fails. 'stream' polls only after the stream was cut often. */
  readonly follow?: 'auto' | 'stream' | 'poll' | undefined
  /** `x-fal-queue-priority`. Default 'normal'. */
  readonly priority?: 'normal' | 'low' | undefined
  /** `x-fal-request-timeout`: seconds within which fal must begin, more than 1. */
  readonly startTimeoutSeconds?: number | undefined
  /**
   * How long fal may be out of reach before a job that was submitted is given up, milliseconds: refused connections,
   * cut or garbled answers, 5xx. Each time fal speaks of the job it starts anew. Infinity: as long as fal may have the
   * job; a result is asked for an hour at most. Default 600000.
   */
  readonly patienceMs?: number | undefined
}

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
