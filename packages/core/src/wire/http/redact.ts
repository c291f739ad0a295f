// What proves who sends must not come back to a reader. A server may repeat it anywhere: in a refused body, in an error
// inside a good one, in an id, and a runtime in a cause. Only what can be a secret is replaced, and only where it stands
// as itself: a key made up for the emulator must not cut ordinary words to pieces.

import { FalLlmError } from '../../errors.ts'
import type { GenerationEvent, ToolCallFragment } from '../../events.ts'

/** Keeps what must not be repeated, and takes it out of what is given away. */
export interface Redactor {
  /** Remembers a key or a token. */
  learn(secret: string | undefined): void
  redact(text: string): string
  /** The same error where nothing has to go; else one like it, with its stack, causes and issues clean. */
  redactError(error: FalLlmError): FalLlmError
  /** An event whose id and log lines are clean. Words of the answer are the model's and pass. */
  redactEvent<Event extends GenerationEvent | ToolCallFragment>(event: Event): Event
}

/** Shorter ones are no secrets, but words. */
const shortestSecret = 8
/** From this length on no word looks like it: it is replaced in the middle of something, too. */
const unmistakable = 20
/** The last ones asked for; a token provider hands out new ones for ever. */
const mostKept = 64

/** Starts without any secret. */
export function createRedactor(): Redactor {
  const known = new Set<string>()
  let pattern: RegExp | undefined

  const learn = (secret: string | undefined): void => {
    if (secret === undefined || known.has(secret)) return
    if (known.size >= mostKept) known.delete([...known][0] ?? '')
    known.add(secret)
    const parts = [...known].flatMap((key) => [key, encodeURIComponent(key), afterColon(key)])
    const secrets = parts.filter((part) => part.length >= shortestSecret)
    const longestFirst = secrets.sort((left, right) => right.length - left.length)
    pattern =
      secrets.length > 0 ? new RegExp(longestFirst.map(toPattern).join('|'), 'g') : undefined
  }
  const redact = (text: string): string => (pattern ? text.replace(pattern, '[key]') : text)
  const clean = <T>(value: T): T => redactDeep(value, redact, 0)

  return {
    learn,
    redact,
    redactError(error) {
      if (!pattern) return error
      const { message, stack = '', cause, issues, requestId } = error
      const shown = `${message}\n${stack}\n${requestId}\n${JSON.stringify(issues)}`
      const cleanCause = clean(cause)
      if (redact(shown) === shown && cleanCause === cause) return error
      const redacted = new FalLlmError(error.code, redact(message), {
        ...error,
        requestId: clean(requestId),
        issues: clean(issues),
        cause: cleanCause,
      })
      redacted.stack = redact(stack)
      return redacted
    },
    redactEvent(event) {
      const carries = event.type === 'start' || event.type === 'queue-update'
      return pattern && carries ? clean(event) : event
    },
  }
}

function afterColon(key: string): string {
  return key.slice(key.indexOf(':') + 1)
}

function toPattern(secret: string): string {
  const literal = secret.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
  return secret.length >= unmistakable ? literal : `(?<![\\w-])${literal}(?![\\w-])`
}

const deepest = 8

/** The same value where nothing in it has to go. An error that has to is replaced by a plain one of the same name. */
function redactDeep<T>(value: T, redact: (text: string) => string, depth: number): T {
  // Each branch returns what it was given, or something of the same shape.
  const as = (changed: unknown): T => changed as T
  if (typeof value === 'string') return as(redact(value))
  if (typeof value !== 'object' || value === null) return value
  if (depth > deepest) return as(undefined)
  if (value instanceof Error) return as(redactCause(value, redact, depth))
  if (Array.isArray(value)) {
    const entries = value.map((entry: unknown) => redactDeep(entry, redact, depth + 1))
    return entries.some((entry, index) => entry !== value[index]) ? as(entries) : value
  }
  let changed = false
  const pairs = Object.entries(value).map(([name, field]: [string, unknown]) => {
    const pair = [redact(name), redactDeep(field, redact, depth + 1)] as const
    changed ||= pair[0] !== name || pair[1] !== field
    return pair
  })
  return changed ? as(Object.fromEntries(pairs)) : value
}

function redactCause(error: Error, redact: (text: string) => string, depth: number): Error {
  const { name, message, stack = '', cause } = error
  const fields = { ...error, ...(error instanceof AggregateError && { errors: error.errors }) }
  const cleanFields = redactDeep(fields, redact, depth + 1)
  const cleanCause = redactDeep(cause, redact, depth + 1)
  const clean = redact(message) === message && redact(stack) === stack
  if (clean && cleanFields === fields && cleanCause === cause) return error
  const redacted = new Error(
    redact(message),
    cause === undefined ? undefined : { cause: cleanCause },
  )
  redacted.stack = redact(stack)
  return Object.assign(redacted, cleanFields, { name })
}
