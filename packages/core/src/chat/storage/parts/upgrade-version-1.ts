// Version 1 kept a list of messages, the sends that waited, and one job. What it becomes depends on nothing but the
// text: two chats that read it make the same of it.

import { rank } from '../../kept.ts'
import { fieldsOf, isFields, listOf } from '../../../json.ts'
import type { Fields } from '../../../json.ts'

/** Brings a stored conversation of version 1 forward; undefined when it holds no list of messages. Never throws. */
export function upgradeVersion1(stored: Fields): Fields | undefined {
  const { messages: given, chosen, waiting, job } = stored
  if (!Array.isArray(given)) return undefined
  const entries = new Map<string, Fields>()
  const shown = new Map<string, Fields>()
  const { messageId, requestId, endpoint } = fieldsOf(job)
  // What has no id is kept under a name that no id has, so that it is missed.
  const idOf = (value: unknown, at: number): string => {
    const { id } = fieldsOf(value)
    return typeof id === 'string' ? id : `\0${at}`
  }
  listOf(given).forEach((value, at) => {
    const id = idOf(value, at)
    if (entries.has(id)) return
    const hasJob = id === messageId
    entries.set(id, toEntry(value, at, hasJob ? { requestId, endpoint } : undefined))
  })
  listOf(chosen).forEach((id, at) => {
    const place = typeof id === 'string' ? entries.get(id)?.['place'] : undefined
    if (!isFields(place)) return
    const { parentId } = place
    shown.set(typeof parentId === 'string' ? parentId : '', { at, by: '', id })
  })
  listOf(waiting).forEach((value, index) => {
    const at = given.length + index
    const id = idOf(value, at)
    if (!entries.has(id)) entries.set(id, toWaiting(id, value, at))
  })
  return {
    version: 2,
    generation: 0,
    shown: Object.fromEntries(shown),
    messages: Object.fromEntries(entries),
  }
}

function toEntry(value: unknown, at: number, job: Fields | undefined): Fields {
  if (!isFields(value) || typeof value['id'] !== 'string') return {}
  const { parentId, metadata, status, role } = value
  const stamp = { at, by: '' }
  return {
    place: { ...stamp, rank: rank.tree, parentId, born: at },
    body: {
      ...value,
      ...stamp,
      attempt: role === 'assistant' ? 1 : 0,
      ended: status !== 'pending' && status !== 'streaming',
      ...(job && { job }),
    },
    ...(metadata !== undefined && { metadata: { ...stamp, value: metadata } }),
  }
}

function toWaiting(id: string, value: unknown, at: number): Fields {
  const { text, images, metadata, options, createdAt } = fieldsOf(value)
  if (typeof text !== 'string') return {}
  const stamp = { at, by: '' }
  const imageParts = listOf(images)
    .filter((url) => typeof url === 'string')
    .map((url) => ({ type: 'image', url }))
  return {
    place: { ...stamp, rank: rank.line, parentId: null, born: at },
    body: {
      ...stamp,
      attempt: 0,
      ended: true,
      role: 'user',
      parts: [...imageParts, ...(text ? [{ type: 'text', text }] : [])],
      status: 'done',
      createdAt,
      asked: options,
      answerId: `${id}:answer`,
    },
    ...(metadata !== undefined && { metadata: { ...stamp, value: metadata } }),
  }
}
