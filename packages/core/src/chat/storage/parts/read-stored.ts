// Reads what is stored of a conversation, or of one part of it, in this version and in the first.

import { rank } from '../../kept.ts'
import type { Asked, Body, Entry, Kept, Metadata, Place, Shown, Stamp } from '../../kept.ts'
import { isCount, readAsked, readDetails, readParts, readStatus } from './read-fields.ts'
import { fieldsOf, isFields, isAmount, listOf } from '../../../json.ts'
import { parseJson } from '../../../parse-json.ts'
import type { Fields } from '../../../json.ts'
import { upgradeVersion1 } from './upgrade-version-1.ts'

/** What was read of a stored text. */
export interface ReadStored {
  readonly kept: Kept
  /** How many parts the conversation has, where the text says so. */
  readonly partCount: number
  /** False when words, a turn or a choice could not be read: then the text is to be set aside. */
  readonly isWhole: boolean
}

/** Reads a stored text or the value a storage parsed of it; undefined when nothing of it can be read. Never throws. */
export function readStored(stored: unknown): ReadStored | undefined {
  const parsed = parse(stored)
  const fields = parsed?.['version'] === 1 ? upgradeVersion1(parsed) : parsed
  if (fields?.['version'] !== 2 || !isFields(fields['messages'])) return undefined
  const damage = { isWhole: true }
  const asked = listOf(fields['asked']).map(readAsked)
  const messages = new Map<string, Entry>()
  const given = Object.entries(fields['messages'])
  for (const [id, value] of given) {
    const entry = readEntry(value, asked, damage)
    if (entry) messages.set(id, entry)
    else damage.isWhole = false
  }
  if (given.length > 0 && messages.size === 0) return undefined
  const { generation, parts, title } = fields
  return {
    kept: {
      generation: isCount(generation) ? generation : 0,
      messages,
      shown: readShown(fields['shown'], damage),
      ...(isFields(title) &&
        typeof title['text'] === 'string' && {
          title: { ...readStamp(title), text: title['text'] },
        }),
    },
    partCount: isCount(parts) && parts > 0 ? parts : 1,
    isWhole: damage.isWhole,
  }
}

function parse(stored: unknown): Fields | undefined {
  const value = typeof stored === 'string' ? parseJson(stored) : stored
  return isFields(value) ? value : undefined
}

interface Damage {
  isWhole: boolean
}

function readEntry(
  value: unknown,
  table: readonly (Asked | undefined)[],
  damage: Damage,
): Entry | undefined {
  const { place, body, metadata } = fieldsOf(value)
  const said = readBody(body, table, damage)
  if (!said) return undefined
  if (!isFields(place)) damage.isWhole = false
  const where = readPlace(fieldsOf(place))
  if (!isFields(metadata)) return { place: where, body: said }
  return { place: where, body: said, metadata: readMetadata(metadata) }
}

const ranks = Object.values(rank)

function readPlace(place: Fields): Place {
  const { parentId, born } = place
  const known = ranks.find((one) => one === place['rank'])
  const { at, by } = readStamp(place)
  return {
    at,
    by,
    rank: known ?? rank.tree,
    parentId: typeof parentId === 'string' ? parentId : null,
    born: isCount(born) ? born : 0,
  }
}

function readBody(
  value: unknown,
  table: readonly (Asked | undefined)[],
  damage: Damage,
): Body | undefined {
  if (!isFields(value)) return undefined
  const { role, attempt, ended, createdAt } = value
  if (role !== 'system' && role !== 'user' && role !== 'assistant') return undefined
  const parts = readParts(value['parts'])
  const isOpen = ended === false && role === 'assistant'
  const way = value['asked']
  const asked = typeof way === 'number' ? table[way] : readAsked(way)
  const details = readDetails(value)
  const lost =
    !Array.isArray(value['parts']) ||
    parts.length < value['parts'].length ||
    (value['job'] !== undefined && !details.job) ||
    (value['cancel'] !== undefined && !details.cancel)
  if (lost) damage.isWhole = false
  const { at, by } = readStamp(value)
  const said: Body = {
    at,
    by,
    attempt: isCount(attempt) ? attempt : 0,
    ended: !isOpen,
    role,
    parts,
    status: readStatus(value['status'], !isOpen),
    createdAt: isAmount(createdAt) ? createdAt : 0,
  }
  return Object.assign(said, asked && { asked }, details)
}

function readMetadata(metadata: Fields): Metadata {
  return { ...readStamp(metadata), value: metadata['value'] }
}

function readShown(value: unknown, damage: Damage): ReadonlyMap<string, Shown> {
  const shown = new Map<string, Shown>()
  for (const [fork, choice] of Object.entries(fieldsOf(value))) {
    const { id } = fieldsOf(choice)
    if (typeof id === 'string') shown.set(fork, { ...readStamp(fieldsOf(choice)), id })
    else damage.isWhole = false
  }
  return shown
}

function readStamp({ at, by }: Fields): Stamp {
  return { at: isCount(at) ? at : 0, by: typeof by === 'string' ? by : '' }
}
