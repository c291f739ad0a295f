// What is known of the stored copy of a conversation, and how it and the conversation become the same: by reading and
// merging, and by writing the parts that lack something. Nothing is written before it was read.

import { emptyKept } from '../../kept.ts'
import type { Entry, Kept, Shown } from '../../kept.ts'
import { changeIndex, indexKey, summarize } from '../chat-summary.ts'
import type { ChatStorage } from '../chat-storage.ts'
import { compareStamps, mergeEntries, mergeKept } from '../merge.ts'
import { withPatience } from '../calls/patience.ts'
import { layoutOf, planParts } from '../parts/plan-parts.ts'
import type { PartLayout, PartPlan, PartToWrite } from '../parts/plan-parts.ts'
import { nothingKnown, readParts } from '../parts/read-parts.ts'
import type { Damaged, KnownPart } from '../parts/read-parts.ts'
import { rebase } from '../rebase.ts'
import { replaceItem } from '../replace-item.ts'
import { isSoon, runSteps, wait } from '../calls/run-steps.ts'
import type { Steps } from '../calls/run-steps.ts'
import { headOf, partKey, revisionOf, textOf } from '../parts/stored-chat.ts'

/** How often a write begins anew because others wrote meanwhile, before it waits for its next turn. */
const maxTries = 8

/** What a stored copy asks of what keeps it. */
export interface StoredCopyHost {
  readonly storage: ChatStorage
  readonly chatId: string
  readonly by: string
  readonly generation: number
  readonly seeds: ReadonlySet<string>
  kept(): Kept
  /** What is read beside the text, before it is taken over. */
  readBeside(stored: Kept): Steps<void>
  /** It was read; `kept` is `kept()` where nothing new was found. `isUnreadable`: something was set aside. */
  taken(kept: Kept, isUnreadable: boolean): void
  /** A write begins. */
  writing(): void
  /** All of it is stored. */
  written(): void
}

/** The stored copy of one conversation. Its steps throw what the storage throws. */
export interface StoredCopy {
  readonly isKnown: boolean
  /** Whether the storage answers at once: then a write is done before its page is gone. */
  readonly isSynchronous: boolean
  /** Whether something may have changed since the last write; cheap. */
  hasChanged(): boolean
  /** Whether there is something to write. */
  hasUnwritten(): boolean
  read(): Steps<void>
  /** Writes what is not stored, and merges with what others wrote meanwhile. */
  write(canLock: boolean): Steps<void>
}

const nothing: PartPlan = { layout: [], parts: [] }

/** Creates what is known of a stored copy: nothing yet. */
export function createStoredCopy(host: StoredCopyHost): StoredCopy {
  const { storage, chatId, by } = host
  let parts: readonly KnownPart[] = []
  let layout: PartLayout = []
  let saved: Kept = { ...emptyKept, generation: host.generation }
  let damaged: ReadonlySet<number> = new Set()
  let isKnown = false
  let isSynchronous = true
  let reads = 0
  let lastRead = 0
  let lastRevision = 0
  let listed: string | undefined
  /** What was the conversation when all of it was stored. */
  let written: Kept | undefined
  /** The part whose number beside it was another one than its text says. */
  let refused: number | undefined

  function* read(): Steps<void> {
    reads += 1
    const current = reads
    const item = storage.getItem(partKey(chatId, 0))
    isSynchronous = !isSoon(item)
    const found = yield* readParts(storage, chatId, parts, item)
    for (const text of found.damaged) yield* setAside(text)
    const [first, ...others] = found.parts.map((part) => part.kept)
    const stored = mergeKept(first ?? { ...emptyKept, generation: saved.generation }, ...others)
    yield* host.readBeside(stored)
    // A later read has ended before this one.
    if (current < lastRead) return
    lastRead = current
    const kept = rebase(host.kept(), saved, stored, host.seeds)
    parts = found.parts
    layout = layoutOf(parts.map((part) => part.kept))
    saved = withIdentityOf(kept, stored)
    damaged = new Set([...damaged, ...found.damaged.map(({ part }) => part)])
    isKnown = true
    host.taken(
      kept,
      found.damaged.some(({ isUnreadable }) => isUnreadable),
    )
  }

  function* setAside({ part, text }: Damaged): Steps<void> {
    const name = `${partKey(chatId, part)}:unreadable:${Date.now()}`
    yield* wait(withPatience(storage.setItem(name, text), 'set aside'))
  }

  /** What is not stored yet; undefined when all of it is. */
  function unwritten(): (PartPlan & { readonly kept: Kept; readonly target: Kept }) | undefined {
    const kept = host.kept()
    const isSame = kept.generation === saved.generation
    const isEmpty = kept.messages.size === 0 && !kept.title && damaged.size === 0
    const isNever = isEmpty && isSame && parts.length === 0
    const target = isSame ? withNewestShown(kept, saved) : kept
    const plan = isNever ? nothing : planOf(target)
    if (plan.parts.length > 0) return { ...plan, kept, target }
    written = kept
    return undefined
  }

  function planOf(kept: Kept): PartPlan {
    return planParts(kept, { saved, layout, partCount: parts.length, damaged }, (part) => {
      const known = parts[part]?.revision ?? 0
      // Beside a number of the storage's own, ours is the next one; without, no two writings of ours have the same.
      if (storage.compareAndSet) return { by, revision: known + 1 }
      lastRevision = Math.max(lastRevision, known) + 1
      return { by, revision: lastRevision }
    })
  }

  function* write(canLock: boolean): Steps<void> {
    for (let tries = 0; tries < maxTries && isKnown; tries++) {
      const plan = unwritten()
      if (!plan) return
      host.writing()
      if (!(yield* writeParts(plan.parts))) {
        yield* readAgain()
        continue
      }
      const before = parts.length
      parts = parts.slice(0, plan.layout.length)
      layout = plan.layout
      saved = plan.target
      written = plan.kept
      damaged = new Set()
      host.written()
      for (let part = plan.layout.length; part < before; part++) {
        yield* wait(withPatience(storage.removeItem(partKey(chatId, part)), 'saved'))
      }
      yield* list(plan.target, canLock)
      return
    }
  }

  /** Returns false when others have written what is not known here yet. */
  function* writeParts(toWrite: readonly PartToWrite[]): Steps<boolean> {
    const numbers = toWrite.map(({ part }) => part)
    const hasFirst = numbers.includes(0)
    const isNumbered = storage.compareAndSet !== undefined
    if (!isNumbered && (yield* isForeign(hasFirst ? numbers : [0, ...numbers]))) return false
    for (const { part, text, revision, kept } of toWrite) {
      const isDone = yield* writePart(partKey(chatId, part), text, revision)
      if (!isDone) {
        refused = part
        return false
      }
      parts = withPart(parts, part, { head: headOf(text), revision, kept, partCount: 1 })
    }
    // The conversation may have been cleared elsewhere, while a part was written that says nothing of that.
    return hasFirst || !isNumbered || !(yield* isForeign([0]))
  }

  function* writePart(key: string, text: string, revision: number): Steps<boolean> {
    if (storage.compareAndSet) {
      const call = storage.compareAndSet(key, revision - 1, text)
      return yield* wait(withPatience(call, 'saved'))
    }
    const call = storage.setItem(key, text)
    if (isSoon(call)) isSynchronous = false
    yield* wait(withPatience(call, 'saved'))
    return true
  }

  function* isForeign(numbers: readonly number[]): Steps<boolean> {
    for (const part of numbers) {
      const item = yield* wait(withPatience(storage.getItem(partKey(chatId, part)), 'read'))
      const text = textOf(item)
      if ((text === undefined ? '' : headOf(text)) !== (parts[part]?.head ?? '')) return true
    }
    return false
  }

  function* readAgain(): Steps<void> {
    const part = refused
    refused = undefined
    const before = part === undefined ? undefined : parts[part]
    yield* wait(withPatience(runSteps(read()), 'read'))
    const now = part === undefined ? undefined : parts[part]
    if (part === undefined || !now || now.head !== before?.head) return
    // Refused, and nobody has written: a text that was put there by `setItem` has the number 0.
    const revision = now.revision === 0 ? revisionOf(now.head) : 0
    parts = withPart(parts, part, { ...now, revision })
  }

  /** Keeps the list of conversations, for a storage that cannot name its keys. */
  function* list(kept: Kept, canLock: boolean): Steps<void> {
    if (storage.keys) return
    const summary = summarize(chatId, kept)
    const text = JSON.stringify(summary)
    if (text === listed) return
    const change = changeIndex(chatId, summary)
    yield* wait(withPatience(replaceItem(storage, indexKey, change, canLock), 'listed'))
    listed = text
  }

  return {
    get isKnown() {
      return isKnown
    },
    get isSynchronous() {
      return isSynchronous && !storage.compareAndSet
    },
    hasChanged: () => host.kept() !== written || damaged.size > 0,
    hasUnwritten: () => unwritten() !== undefined,
    read,
    write,
  }
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

/** The stored copy, with the very objects of the conversation where both say the same. */
function withIdentityOf(kept: Kept, stored: Kept): Kept {
  if (kept.generation !== stored.generation) return stored
  const messages = new Map<string, Entry>()
  for (const [id, entry] of stored.messages) {
    const ours = kept.messages.get(id)
    const isSame = ours && mergeEntries(ours, entry) === ours && mergeEntries(entry, ours) === entry
    messages.set(id, isSame ? ours : entry)
  }
  const shown = new Map<string, Shown>()
  for (const [fork, choice] of stored.shown) {
    const ours = kept.shown.get(fork)
    shown.set(fork, ours && compareStamps(ours, choice) === 0 ? ours : choice)
  }
  const { title } = stored
  const name = title && kept.title && compareStamps(title, kept.title) === 0 ? kept.title : title
  return { generation: stored.generation, messages, shown, ...(name && { title: name }) }
}

/** Of a fork's choices the newest is stored, whichever this tab shows. */
function withNewestShown(kept: Kept, saved: Kept): Kept {
  const { shown } = mergeKept({ ...saved, messages: new Map() }, { ...kept, messages: new Map() })
  return { ...kept, shown }
}
