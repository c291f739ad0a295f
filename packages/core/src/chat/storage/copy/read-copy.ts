import { emptyKept } from '../../kept.ts'
import type { Entry, Kept, Shown } from '../../kept.ts'
import { withPatience } from '../calls/patience.ts'
import { isSoon, wait } from '../calls/run-steps.ts'
import type { Steps } from '../calls/run-steps.ts'
import { compareStamps, mergeEntries, mergeKept } from '../merge.ts'
import { layoutOf } from '../parts/plan-parts.ts'
import { readParts } from '../parts/read-parts.ts'
import type { Damaged } from '../parts/read-parts.ts'
import { partKey } from '../parts/stored-chat.ts'
import { rebase } from '../rebase.ts'
import type { KnownCopy, StoredCopyHost } from './known-copy.ts'

/** Reads what is stored, and hands what it and the conversation make together to the host. */
export function* readCopy(copy: KnownCopy): Steps<void> {
  const { host } = copy
  const { storage, chatId } = host
  copy.reads += 1
  const current = copy.reads
  const item = storage.getItem(partKey(chatId, 0))
  copy.isSynchronous = !isSoon(item)
  const found = yield* readParts(storage, chatId, copy.parts, item)
  for (const text of found.damaged) yield* setAside(host, text)
  const [first, ...others] = found.parts.map((part) => part.kept)
  const stored = mergeKept(first ?? { ...emptyKept, generation: copy.saved.generation }, ...others)
  yield* host.readBeside(stored)
  // A later read has ended before this one.
  if (current < copy.lastRead) return
  copy.lastRead = current
  const kept = rebase(host.kept(), copy.saved, stored, host.seeds)
  copy.parts = found.parts
  copy.layout = layoutOf(copy.parts.map((part) => part.kept))
  copy.saved = withIdentityOf(kept, stored)
  copy.damaged = new Set([...copy.damaged, ...found.damaged.map(({ part }) => part)])
  copy.isKnown = true
  host.taken(
    kept,
    found.damaged.some(({ isUnreadable }) => isUnreadable),
  )
}

function* setAside({ storage, chatId }: StoredCopyHost, { part, text }: Damaged): Steps<void> {
  const name = `${partKey(chatId, part)}:unreadable:${Date.now()}`
  yield* wait(withPatience(storage.setItem(name, text), 'set aside'))
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
