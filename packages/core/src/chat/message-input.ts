// A message as an app has it: from its server, from another library, or written down by hand.

import { FalLlmError } from '../errors.ts'
import type { Body } from './kept.ts'
import type { ChatMessage, MessagePart } from './state.ts'
import { fieldsOf, isAmount } from '../json.ts'
import type { Fields } from '../json.ts'

/** A message to put into a conversation. `{ role, text }` is enough. A `ChatMessage` is one. */
export interface MessageInput<Metadata = unknown> extends Partial<
  Pick<
    ChatMessage<Metadata>,
    | 'status'
    | 'error'
    | 'endpoint'
    | 'model'
    | 'requestId'
    | 'finishReason'
    | 'usage'
    | 'timing'
    | 'context'
    | 'queue'
    | 'metadata'
  >
> {
  readonly role: 'system' | 'user' | 'assistant'
  /** The words. Where they differ from those of `parts`, they replace them. */
  readonly text?: string
  readonly parts?: readonly MessagePart[]
  /** Default: a new one. */
  readonly id?: string
  /** The id of the message it follows; null for a first one. Default: the one before it in the list. */
  readonly parentId?: string | null
  /** Milliseconds since the epoch, an ISO 8601 text, or a Date. Default: now. */
  readonly createdAt?: number | string | Date
}

/**
 * Makes the body of a message that was given, without its stamp. One that somebody was still writing is `interrupted`.
 *
 * @param name What the message is called in an error, "messages[3]".
 * @throws FalLlmError `invalid-input` that names the field, when it has no known role, or neither words nor parts.
 */
export function toBody(input: unknown, name: string, now: number): Omit<Body, 'at' | 'by'> {
  const { role, text, parts = [], status, createdAt, ...given } = fieldsOf(input)
  if (role !== 'system' && role !== 'user' && role !== 'assistant') throw refused(`${name}.role`)
  if (text !== undefined && typeof text !== 'string') throw refused(`${name}.text`)
  if (!Array.isArray(parts) || !parts.every(isPart)) throw refused(`${name}.parts`)
  if (text === undefined && parts.length === 0) throw refused(`${name}.text`)
  return {
    ...pickBody(given),
    attempt: role === 'assistant' ? 1 : 0,
    ended: true,
    role,
    parts: text === undefined ? parts : withText(parts, text),
    status: toEnding(status),
    createdAt: toTime(createdAt) ?? now,
  }
}

/** Replaces the words of a message: they stand where its first words stood, else last. */
export function withText(parts: readonly MessagePart[], text: string): readonly MessagePart[] {
  const words = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  if (words === text) return parts
  const first = parts.findIndex((part) => part.type === 'text')
  const at = first < 0 ? parts.length : first
  const others = (list: readonly MessagePart[]): readonly MessagePart[] =>
    list.filter((part) => part.type !== 'text')
  const said: readonly MessagePart[] = text === '' ? [] : [{ type: 'text', text }]
  return [...others(parts.slice(0, at)), ...said, ...others(parts.slice(at))]
}

/** Milliseconds since the epoch of what an app keeps as a time; undefined for what is none. */
function toTime(value: unknown): number | undefined {
  const time =
    typeof value === 'string' ? Date.parse(value) : value instanceof Date ? value.getTime() : value
  return isAmount(time) ? time : undefined
}

function refused(path: string): FalLlmError {
  const message =
    'a message is { role: "system" | "user" | "assistant", text }; parts are a list of text, reasoning and image parts'
  return new FalLlmError('invalid-input', `${path}: ${message}`, {
    issues: [{ path, message, type: 'value_error' }],
  })
}

/** Whether something is a part of a message. */
export function isPart(part: unknown): part is MessagePart {
  const { type, text, url } = fieldsOf(part)
  if (type === 'image') return typeof url === 'string'
  return (type === 'text' || type === 'reasoning') && typeof text === 'string'
}

function toEnding(status: unknown): Body['status'] {
  if (status === 'stopped' || status === 'error' || status === 'interrupted') return status
  return status === 'pending' || status === 'streaming' ? 'interrupted' : 'done'
}

const details = [
  'endpoint',
  'model',
  'requestId',
  'finishReason',
  'timing',
  'context',
  'queue',
  'toolCalls',
  'usage',
] as const

/** The fields that a body has too. Sums and screens pass over figures that are none. */
function pickBody(given: Fields): Partial<Body> {
  const { error } = given
  const picked = details.filter((name) => given[name]).map((name) => [name, given[name]])
  return {
    // Each has the type that `MessageInput` asks for.
    ...(Object.fromEntries(picked) as Partial<Body>),
    ...(error instanceof FalLlmError && { error }),
  }
}
