// What is written of a conversation: plain JSON with a version. Pictures are kept as URLs, never as bytes; keys and
// headers are in nothing that gets here.

import { FalLlmError } from '../errors.ts'
import type { SendOptions } from './chat.ts'
import type { ChatMessage, MessagePart } from './state.ts'
import { treeWithBranches } from './tree.ts'
import type { MessageTree } from './tree.ts'

/** A queued job whose answer is still to come. */
export interface StoredJob {
  readonly requestId: string
  readonly endpoint: string
  readonly messageId: string
}

/** A send that waits. */
export interface StoredSend {
  readonly id: string
  readonly text: string
  readonly images: readonly string[]
  readonly metadata?: unknown
  /** How it is to be asked, where that is not as the chat asks; endpoints by their names. */
  readonly options: Omit<SendOptions, 'endpoint'> & { readonly endpoint?: string | undefined }
  readonly createdAt: number
}

/** A conversation as it is stored. */
export interface StoredChat<Metadata = unknown> {
  readonly tree: MessageTree<Metadata>
  readonly waiting: readonly StoredSend[]
  readonly job: StoredJob | undefined
}

/** The newest version. Older ones are brought forward by `migrations`; newer ones are not understood. */
const version = 1
const migrations: Readonly<Record<number, (stored: Fields) => Fields>> = {}

/** Writes a conversation as JSON. Never throws for what the engine made. */
export function writeChat({ tree, waiting, job }: StoredChat): string {
  return JSON.stringify({
    version,
    messages: [...tree.nodes.values()].map(writeMessage),
    chosen: [...tree.chosen.values()],
    waiting,
    job,
  })
}

/** Reads what `writeChat`, in this or an older version, has written; undefined when it cannot be read. Never throws. */
export function readChat<Metadata>(stored: unknown): StoredChat<Metadata> | undefined {
  const fields = migrate(parse(stored))
  if (!fields || !Array.isArray(fields['messages'])) return undefined
  const messages: ChatMessage<Metadata>[] = []
  for (const entry of fields['messages']) {
    const message = readMessage<Metadata>(entry)
    if (!message) return undefined
    messages.push(message)
  }
  const chosen = listOf(fields['chosen']).filter((id) => typeof id === 'string')
  const tree = treeWithBranches(messages, chosen)
  return { tree, waiting: listOf(fields['waiting']).flatMap(readSend), job: readJob(fields['job']) }
}

type Fields = Readonly<Record<string, unknown>>

function parse(stored: unknown): Fields | undefined {
  try {
    // Some storages parse JSON themselves.
    const value: unknown = typeof stored === 'string' ? JSON.parse(stored) : stored
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function migrate(stored: Fields | undefined): Fields | undefined {
  let fields = stored
  while (fields && fields['version'] !== version) {
    fields = migrations[Number(fields['version'])]?.(fields)
  }
  return fields
}

function writeMessage(message: ChatMessage): object {
  const { branch: _, text: __, reasoning: ___, parts, error, ...rest } = message
  return { ...rest, parts: parts.filter(isStorable), ...(error && { error: error.toJSON() }) }
}

function isStorable(part: MessagePart): boolean {
  return part.type !== 'image' || (part.url !== '' && !part.url.startsWith('data:'))
}

const roles: ReadonlySet<unknown> = new Set(['system', 'user', 'assistant'])
const endings: ReadonlySet<unknown> = new Set(['done', 'stopped', 'interrupted', 'error'])

function readMessage<M>(entry: unknown): ChatMessage<M> | undefined {
  if (!isFields(entry) || typeof entry['id'] !== 'string' || !roles.has(entry['role'])) {
    return undefined
  }
  const parts = listOf(entry['parts']).flatMap(readPart)
  const textOf = (type: 'text' | 'reasoning'): string =>
    parts.map((part) => (part.type === type ? part.text : '')).join('')
  const ended = endings.has(entry['status'])
  const error = readError(entry['error'])
  // It was written by `writeMessage`: what is not looked at here has the type it had then.
  const message = entry as Fields & ChatMessage<M>
  return {
    ...message,
    parts,
    text: textOf('text'),
    reasoning: textOf('reasoning'),
    // The page or the process was gone before the answer had ended.
    status: ended ? message.status : 'interrupted',
    error: ended ? error : (error ?? lost()),
    createdAt: Number(entry['createdAt']) || 0,
    parentId: typeof entry['parentId'] === 'string' ? entry['parentId'] : null,
    branch: { index: 0, count: 1 },
  }
}

function lost(): FalLlmError {
  return new FalLlmError(
    'interrupted',
    'The answer was cut off when the page or process was closed',
    {
      retryable: true,
    },
  )
}

function readPart(part: unknown): readonly MessagePart[] {
  if (!isFields(part)) return []
  const { type, text, url, mediaType, name } = part
  if ((type === 'text' || type === 'reasoning') && typeof text === 'string') return [{ type, text }]
  if (type !== 'image' || typeof url !== 'string') return []
  return [
    {
      type,
      url,
      ...(typeof mediaType === 'string' && { mediaType }),
      ...(typeof name === 'string' && { name }),
    },
  ]
}

function readError(error: unknown): FalLlmError | undefined {
  if (!isFields(error) || typeof error['message'] !== 'string') return undefined
  // It was written by FalLlmError.toJSON.
  const { code, message, ...details } = error as Fields & FalLlmError
  return new FalLlmError(code, message, details)
}

function readSend(send: unknown): readonly StoredSend[] {
  if (!isFields(send) || typeof send['id'] !== 'string' || typeof send['text'] !== 'string')
    return []
  const images = listOf(send['images']).filter((image) => typeof image === 'string')
  return [
    {
      id: send['id'],
      text: send['text'],
      images,
      metadata: send['metadata'],
      // They were written by `writeChat`; what fal does not take of them is refused when it is asked.
      options: isFields(send['options']) ? send['options'] : {},
      createdAt: Number(send['createdAt']) || 0,
    },
  ]
}

function readJob(job: unknown): StoredJob | undefined {
  if (!isFields(job)) return undefined
  const { requestId, endpoint, messageId } = job
  if (typeof requestId !== 'string' || typeof endpoint !== 'string') return undefined
  return typeof messageId === 'string' ? { requestId, endpoint, messageId } : undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
