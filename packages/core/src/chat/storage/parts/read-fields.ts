// Checks of what was stored, field by field. A storage holds what anybody wrote, an older version and a newer one
// included: nothing read reaches a screen unchecked. What is odd is left out; what is left out of a message is noted.

import { FalLlmError } from '../../../errors.ts'
import type { FalLlmErrorCode, InputIssue } from '../../../errors.ts'
import type { LogLine, Timing, ToolCall } from '../../../events.ts'
import type { Asked, Body, KeptJob } from '../../kept.ts'
import type { ContextReport, MessagePart, MessageStatus } from '../../state.ts'
import { fieldsOf, isAmount, isFields, listOf } from '../../../json.ts'
import type { Fields } from '../../../json.ts'
import { isPart } from '../../message-input.ts'

/** A counter: a whole number from 0 on, far enough from the last one a machine can count. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && isAmount(value) && value < 2 ** 52
}

const codes: Readonly<Record<FalLlmErrorCode, true>> = {
  aborted: true,
  auth: true,
  forbidden: true,
  'not-found': true,
  'invalid-input': true,
  'content-policy': true,
  'context-overflow': true,
  'rate-limited': true,
  overloaded: true,
  timeout: true,
  interrupted: true,
  network: true,
  provider: true,
  cancelled: true,
  busy: true,
  unsupported: true,
  storage: true,
  unknown: true,
}

/** For each field what it reads as; undefined for what it cannot be. */
type Checks<Read> = { readonly [name in keyof Read]-?: (value: unknown) => Read[name] | undefined }

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const figure = (value: unknown): number | undefined => (isAmount(value) ? value : undefined)
const flag = (value: unknown): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined
const oneOf =
  <Word extends string>(...words: readonly Word[]) =>
  (value: unknown): Word | undefined =>
    words.find((word) => word === value)
const each =
  <Item>(read: (value: unknown) => Item | undefined) =>
  (value: unknown): readonly Item[] =>
    listOf(value)
      .map(read)
      .filter((item) => item !== undefined)

/** Takes over what passes its check. */
function take<Read extends object>(value: unknown, checks: Checks<Read>): Partial<Read> {
  const read: Partial<Read> = {}
  if (!isFields(value)) return read
  // One object per message, and no copies: a long conversation is opened in one pass.
  for (const name in checks) {
    const field = value[name]
    const checked = field === undefined || field === null ? undefined : checks[name](field)
    if (checked !== undefined) read[name] = checked
  }
  return read
}

/** The parts that are parts. Never throws. */
export function readParts(value: unknown): readonly MessagePart[] {
  return listOf(value).filter(isPart).map(readPart)
}

function readPart(part: MessagePart): MessagePart {
  if (part.type !== 'image') return { type: part.type, text: part.text }
  return { type: 'image', url: part.url, ...take(part, { mediaType: text, name: text }) }
}

const errorChecks = {
  status: figure,
  requestId: text,
  endpoint: text,
  retryable: flag,
  retryAfterMs: figure,
  maybeSubmitted: flag,
  issues: each(readIssue),
}

/** An error as `FalLlmError.toJSON` wrote it; a code of no known name is 'unknown'. Never throws. */
export function readError(value: unknown): FalLlmError | undefined {
  if (value instanceof FalLlmError) return value
  const { code, message } = fieldsOf(value)
  if (typeof message !== 'string') return undefined
  return new FalLlmError(isCode(code) ? code : 'unknown', message, take(value, errorChecks))
}

function isCode(code: unknown): code is FalLlmErrorCode {
  return typeof code === 'string' && Object.hasOwn(codes, code)
}

function readIssue(value: unknown): InputIssue | undefined {
  const { path, message, type, ctx } = fieldsOf(value)
  const isIssue =
    typeof path === 'string' && typeof message === 'string' && typeof type === 'string'
  return isIssue ? { path, message, type, ...(isFields(ctx) && { ctx }) } : undefined
}

const askedChecks: Checks<Asked> = {
  endpoint: text,
  model: text,
  params: (value) => (isFields(value) ? value : undefined),
  system: text,
  mode: oneOf('stream', 'queue', 'run', 'durable'),
}

/** How an answer was asked. What fal does not take of it is refused when it is asked. Never throws. */
export function readAsked(value: unknown): Asked | undefined {
  return isFields(value) ? take(value, askedChecks) : undefined
}

/** The status that goes with an ending, or with none. Never throws. */
export function readStatus(value: unknown, ended: boolean): MessageStatus {
  if (!ended) return value === 'pending' ? 'pending' : 'streaming'
  return oneOf('done', 'stopped', 'error')(value) ?? 'interrupted'
}

type Details = Pick<
  Body,
  | 'answerId'
  | 'job'
  | 'cancel'
  | 'error'
  | 'endpoint'
  | 'model'
  | 'requestId'
  | 'finishReason'
  | 'usage'
  | 'timing'
  | 'context'
  | 'queue'
  | 'toolCalls'
>
const detailChecks: Checks<Details> = {
  answerId: text,
  job: readJob,
  cancel: readJob,
  error: readError,
  endpoint: text,
  model: text,
  requestId: text,
  finishReason: oneOf('stop', 'length', 'content-filter', 'tool-calls', 'unknown'),
  usage: toUsage,
  timing: readTiming,
  context: readContext,
  queue: (value) =>
    isFields(value)
      ? { ...take(value, { position: figure }), logs: readLogs(value['logs']) }
      : undefined,
  toolCalls: each(readToolCall),
}

/** The fields of a body that it need not have. Odd ones are left out. Never throws. */
export function readDetails(body: Fields): Partial<Details> {
  return take(body, detailChecks)
}

function readJob(value: unknown): KeptJob | undefined {
  const { requestId, endpoint } = fieldsOf(value)
  const isJob = typeof requestId === 'string' && typeof endpoint === 'string'
  return isJob ? { requestId, endpoint } : undefined
}

const timingChecks: Checks<Timing> = {
  startedAt: figure,
  queuedMs: figure,
  firstTokenMs: figure,
  totalMs: figure,
  tokensPerSecond: figure,
}

function readTiming(value: unknown): Timing | undefined {
  const { startedAt, totalMs, ...rest } = take(value, timingChecks)
  if (startedAt === undefined || totalMs === undefined) return undefined
  return { startedAt, totalMs, ...rest }
}

const contextChecks = {
  includedCount: figure,
  firstIncludedId: text,
  pinnedIds: each(text),
  droppedCount: figure,
  droppedFiles: each(text),
  estimatedTokens: figure,
  strategy: oneOf('messages', 'transcript'),
}

/** Version 1 listed every id; counts are all that is kept of them. */
function readContext(value: unknown): ContextReport | undefined {
  const { includedIds, droppedIds } = fieldsOf(value)
  const included = listOf(includedIds)
  const read = take(value, contextChecks)
  const { estimatedTokens, strategy } = read
  const includedCount =
    read.includedCount ?? (includedIds === undefined ? undefined : included.length)
  if (includedCount === undefined || estimatedTokens === undefined || !strategy) return undefined
  return {
    includedCount,
    firstIncludedId: read.firstIncludedId ?? text(included[0]),
    pinnedIds: read.pinnedIds ?? [],
    droppedCount: read.droppedCount ?? listOf(droppedIds).length,
    droppedFiles: read.droppedFiles ?? [],
    estimatedTokens,
    strategy,
  }
}

const readLogs = each<LogLine>((value) => {
  const { message, level, timestamp } = fieldsOf(value)
  if (typeof message !== 'string') return undefined
  return { message, level: text(level) ?? 'INFO', timestamp: text(timestamp) ?? '' }
})

function readToolCall(value: unknown): ToolCall | undefined {
  const { id, name, arguments: given } = fieldsOf(value)
  if (typeof name !== 'string' || typeof given !== 'string') return undefined
  return { id: text(id), name, arguments: given }
}

/** What an answer used, if its figures are figures; a cost that is none is no cost. Never throws. */
function toUsage(usage: unknown): Body['usage'] {
  const { promptTokens, completionTokens, totalTokens, costUsd, estimated } = fieldsOf(usage)
  if (!isAmount(promptTokens) || !isAmount(completionTokens)) return undefined
  return {
    promptTokens,
    completionTokens,
    totalTokens: isAmount(totalTokens) ? totalTokens : promptTokens + completionTokens,
    costUsd: isAmount(costUsd) ? costUsd : undefined,
    estimated: estimated === true,
  }
}
