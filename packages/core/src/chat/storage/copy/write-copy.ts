import type { Kept } from '../../kept.ts'
import { withPatience } from '../calls/patience.ts'
import { isSoon, runSteps, wait } from '../calls/run-steps.ts'
import type { Steps } from '../calls/run-steps.ts'
import { changeIndex, indexKey, summarize } from '../chat-summary.ts'
import { mergeKept } from '../merge.ts'
import { planParts } from '../parts/plan-parts.ts'
import type { PartPlan, PartToWrite } from '../parts/plan-parts.ts'
import { nothingKnown } from '../parts/read-parts.ts'
import type { KnownPart } from '../parts/read-parts.ts'
import { headOf, partKey, revisionOf, textOf } from '../parts/stored-chat.ts'
import { replaceItem } from '../replace-item.ts'
import type { KnownCopy } from './known-copy.ts'
import { readCopy } from './read-copy.ts'

/** How often a write begins anew because others wrote meanwhile, before it waits for its next turn. */
const maxTries = 8
const nothing: PartPlan = { layout: [], parts: [] }

/** What is not stored yet: of the conversation as it is, and as it is to be stored. */
export interface Unwritten extends PartPlan {
  readonly kept: Kept
  readonly target: Kept
}

/** Writes what is not stored, and merges with what others wrote meanwhile. */
export function* writeCopy(copy: KnownCopy, canLock: boolean): Steps<void> {
  const { host } = copy
  const { storage, chatId } = host
  for (let tries = 0; tries < maxTries && copy.isKnown; tries++) {
    const plan = unwrittenIn(copy)
    if (!plan) return
    host.writing()
    if (!(yield* writeParts(copy, plan.parts))) {
      yield* readAgain(copy)
      continue
    }
    const before = copy.parts.length
    copy.parts = copy.parts.slice(0, plan.layout.length)
    copy.layout = plan.layout
    copy.saved = plan.target
    copy.written = plan.kept
    copy.damaged = new Set()
    host.written()
    for (let part = plan.layout.length; part < before; part++) {
      yield* wait(withPatience(storage.removeItem(partKey(chatId, part)), 'saved'))
    }
    yield* list(copy, plan.target, canLock)
    return
  }
}

/** What is not stored yet; undefined when all of it is. */
export function unwrittenIn(copy: KnownCopy): Unwritten | undefined {
  const kept = copy.host.kept()
  const isSame = kept.generation === copy.saved.generation
  const isEmpty = kept.messages.size === 0 && !kept.title && copy.damaged.size === 0
  const isNever = isEmpty && isSame && copy.parts.length === 0
  const target = isSame ? withNewestShown(kept, copy.saved) : kept
  const plan = isNever ? nothing : planOf(copy, target)
  if (plan.parts.length > 0) return { ...plan, kept, target }
  copy.written = kept
  return undefined
}

/** Of a fork's choices the newest is stored, whichever this tab shows. */
function withNewestShown(kept: Kept, saved: Kept): Kept {
  const { shown } = mergeKept({ ...saved, messages: new Map() }, { ...kept, messages: new Map() })
  return { ...kept, shown }
}

function planOf(copy: KnownCopy, kept: Kept): PartPlan {
  const { saved, layout, parts, damaged, host } = copy
  const stored = { saved, layout, partCount: parts.length, damaged }
  return planParts(kept, stored, (part) => {
    const known = parts[part]?.revision ?? 0
    // Beside a number of the storage's own, ours is the next one; without, no two writings of ours have the same.
    if (host.storage.compareAndSet) return { by: host.by, revision: known + 1 }
    copy.lastRevision = Math.max(copy.lastRevision, known) + 1
    return { by: host.by, revision: copy.lastRevision }
  })
}

/** Returns false when others have written what is not known here yet. */
function* writeParts(copy: KnownCopy, toWrite: readonly PartToWrite[]): Steps<boolean> {
  const { storage, chatId } = copy.host
  const numbers = toWrite.map(({ part }) => part)
  const hasFirst = numbers.includes(0)
  const isNumbered = storage.compareAndSet !== undefined
  if (!isNumbered && (yield* isForeign(copy, hasFirst ? numbers : [0, ...numbers]))) return false
  for (const { part, text, revision, kept } of toWrite) {
    const isDone = yield* writePart(copy, partKey(chatId, part), text, revision)
    if (!isDone) {
      copy.refused = part
      return false
    }
    copy.parts = withPart(copy.parts, part, { head: headOf(text), revision, kept, partCount: 1 })
  }
  // The conversation may have been cleared elsewhere, while a part was written that says nothing of that.
  return hasFirst || !isNumbered || !(yield* isForeign(copy, [0]))
}

function withPart(
  parts: readonly KnownPart[],
  part: number,
  known: KnownPart,
): readonly KnownPart[] {
  const next = [...parts]
  while (next.length < part) next.push(nothingKnown)
  next[part] = known
  return next
}

function* writePart(copy: KnownCopy, key: string, text: string, revision: number): Steps<boolean> {
  const { storage } = copy.host
  if (storage.compareAndSet) {
    const call = storage.compareAndSet(key, revision - 1, text)
    return yield* wait(withPatience(call, 'saved'))
  }
  const call = storage.setItem(key, text)
  if (isSoon(call)) copy.isSynchronous = false
  yield* wait(withPatience(call, 'saved'))
  return true
}

function* isForeign(copy: KnownCopy, numbers: readonly number[]): Steps<boolean> {
  const { storage, chatId } = copy.host
  for (const part of numbers) {
    const item = yield* wait(withPatience(storage.getItem(partKey(chatId, part)), 'read'))
    const text = textOf(item)
    if ((text === undefined ? '' : headOf(text)) !== (copy.parts[part]?.head ?? '')) return true
  }
  return false
}

function* readAgain(copy: KnownCopy): Steps<void> {
  const part = copy.refused
  copy.refused = undefined
  const before = part === undefined ? undefined : copy.parts[part]
  yield* wait(withPatience(runSteps(readCopy(copy)), 'read'))
  const now = part === undefined ? undefined : copy.parts[part]
  if (part === undefined || !now || now.head !== before?.head) return
  // Refused, and nobody has written: a text that was put there by `setItem` has the number 0.
  const revision = now.revision === 0 ? revisionOf(now.head) : 0
  copy.parts = withPart(copy.parts, part, { ...now, revision })
}

/** Keeps the list of conversations, for a storage that cannot name its keys. */
function* list(copy: KnownCopy, kept: Kept, canLock: boolean): Steps<void> {
  const { storage, chatId } = copy.host
  if (storage.keys) return
  const summary = summarize(chatId, kept)
  const text = JSON.stringify(summary)
  if (text === copy.listed) return
  const change = changeIndex(chatId, summary)
  yield* wait(withPatience(replaceItem(storage, indexKey, change, canLock), 'listed'))
  copy.listed = text
}
