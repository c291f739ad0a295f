import { FalLlmError } from '../../errors.ts'
import { rank } from '../kept.ts'
import { toBody } from '../message-input.ts'
import type { MessageInput } from '../message-input.ts'
import { fieldsOf, isFields } from '../../json.ts'
import type { Fields } from '../../json.ts'
import { readStored } from './parts/read-stored.ts'
import { toStoredChat } from './to-stored-chat.ts'
import type { StoredChat } from './to-stored-chat.ts'

/** What can be read as a conversation, besides the text or the value of `chat.toJSON()` and what is stored. */
export type ReadableChat = readonly MessageInput[] | { readonly messages: readonly MessageInput[] }

/**
 * Reads a conversation for `createFalChat({ from })`: what `chat.toJSON()` gave, as text or parsed; what a storage holds,
 * in either version; or a list of messages, of which `{ role, text }` is enough. Everything odd in it is left out.
 *
 * @throws FalLlmError `invalid-input` when it is none of these; names the first message that is none.
 */
export function readChat(input: unknown): StoredChat {
  const value = parse(input)
  const { version } = fieldsOf(value)
  const stored = readStored(version === undefined ? toFields(listIn(value)) : value)
  if (!stored) throw unreadable(`this is ${describe(version)}`)
  return toStoredChat(stored.kept)
}

function parse(input: unknown): unknown {
  if (typeof input !== 'string') return input
  try {
    return JSON.parse(input)
  } catch (cause) {
    throw unreadable('this text is no JSON', cause)
  }
}

function listIn(value: unknown): readonly unknown[] {
  const list = Array.isArray(value) ? value : fieldsOf(value)['messages']
  if (!Array.isArray(list)) throw unreadable('this is neither')
  // `Array.isArray` says nothing of what is in it.
  return list as readonly unknown[]
}

function describe(version: unknown): string {
  return version === 1 || version === 2
    ? 'a stored conversation, but nothing of it can be read'
    : `of version ${JSON.stringify(version)}, which this package does not know`
}

function unreadable(found: string, cause?: unknown): FalLlmError {
  return new FalLlmError(
    'invalid-input',
    `readChat() takes what chat.toJSON() gave, as text or parsed, or a list of messages ({ role, text }); ${found}`,
    { cause },
  )
}

/** A list of messages in the form that is stored; each follows the one before it, unless it names another. */
function toFields(list: readonly unknown[]): Fields {
  const now = Date.now()
  const ids = idsOf(list)
  const messages = list.map((input, at) => {
    const { parentId, metadata, error } = fieldsOf(input)
    const stamp = { at, by: '' }
    const above = parentId === null || typeof parentId === 'string' ? parentId : ids[at - 1]
    const body = { ...toBody(input, `messages[${at}]`, now), error }
    const entry = {
      place: { ...stamp, rank: rank.tree, parentId: above ?? null, born: at },
      body: { ...body, ...stamp },
      ...(metadata !== undefined && { metadata: { ...stamp, value: metadata } }),
    }
    return [ids[at], entry] as const
  })
  return { version: 2, messages: Object.fromEntries(messages) }
}

/** Names by position, so that a server and a page that read the same give the same. */
function idsOf(list: readonly unknown[]): readonly string[] {
  const given = list.map((input) => (isFields(input) ? input['id'] : undefined))
  const taken = new Set(given)
  const used = new Set<unknown>()
  return given.map((id, at) => {
    let name = typeof id === 'string' && id !== '' && !used.has(id) ? id : `message-${at + 1}`
    while (name !== id && (taken.has(name) || used.has(name))) name += '+'
    used.add(name)
    return name
  })
}
