import type { Kept } from '../../kept.ts'
import { packPart } from './stored-chat.ts'
import type { Head, PackedPart } from './stored-chat.ts'

/** Ids of the messages in each part. A message stays where it was first put, until it no longer fits. */
export type PartLayout = readonly (readonly string[])[]

/** A part that is to be written. */
export interface PartToWrite extends PackedPart, Head {
  readonly part: number
}

/** What is to be written, and which message will be where then. */
export interface PartPlan {
  readonly layout: PartLayout
  /** New parts first, the first part last: whatever is cut off between them, what was stored stays stored. */
  readonly parts: readonly PartToWrite[]
}

/** What is known of a storage. */
export interface StoredParts {
  readonly saved: Kept
  readonly layout: PartLayout
  /** How many the first part says there are. */
  readonly partCount: number
  /** Parts to be written whatever is in them. */
  readonly damaged: ReadonlySet<number>
}

/** Takes over where messages were found; of a message that was moved and is in two parts, the later one. */
export function layoutOf(parts: readonly Kept[]): PartLayout {
  const partOf = placesOf(parts.map((part) => [...part.messages.keys()]))
  return parts.map(({ messages }, part) =>
    [...messages.keys()].filter((id) => partOf.get(id) === part),
  )
}

/** Finds the parts in which `kept` differs from what is stored, and writes them. `headOf` gives each its head. */
export function planParts(
  kept: Kept,
  stored: StoredParts,
  headOf: (part: number) => Head,
): PartPlan {
  const isSame = kept.generation === stored.saved.generation && stored.partCount > 0
  const saved: Kept | undefined = isSame ? stored.saved : undefined
  const layout = isSame ? stored.layout.map((ids) => [...ids]) : [[]]
  const partOf = placesOf(layout)
  const put = (id: string): number => {
    const part = layout.length - 1
    layout[part]?.push(id)
    partOf.set(id, part)
    return part
  }
  const changed = new Set(stored.damaged)
  if (!saved || kept.title !== saved.title) changed.add(0)
  for (const [id, entry] of kept.messages) {
    const part = partOf.get(id) ?? put(id)
    if (saved?.messages.get(id) !== entry) changed.add(part)
  }
  for (const [fork, choice] of kept.shown) {
    if (saved?.shown.get(fork) !== choice) changed.add(partOf.get(fork) ?? 0)
  }
  if (changed.size === 0) return { layout, parts: [] }
  const pack = (part: number): PartToWrite => {
    const forks = [...kept.shown.keys()].filter((fork) => (partOf.get(fork) ?? 0) === part)
    const head = { ...headOf(part), parts: layout.length, isFirst: part === 0 }
    return { part, ...head, ...packPart(kept, layout[part] ?? [], forks, head) }
  }
  const parts = new Map<number, PartToWrite>()
  for (let part = 0; part < layout.length; part++) {
    if (!changed.has(part)) continue
    const packed = pack(part)
    parts.set(part, packed)
    if (packed.overflow.length === 0) continue
    // What has no room goes to the last part; what has none in the last one, to a new one.
    layout[part]?.splice(-packed.overflow.length)
    if (part === layout.length - 1) layout.push([])
    for (const id of packed.overflow) changed.add(put(id))
  }
  // The first part says how many there are.
  if (layout.length !== stored.partCount || !saved) parts.set(0, pack(0))
  return { layout, parts: inOrder([...parts.values()], isSame ? stored.partCount : 1) }
}

function placesOf(layout: PartLayout): Map<string, number> {
  const partOf = new Map<string, number>()
  layout.forEach((ids, part) => ids.forEach((id) => partOf.set(id, part)))
  return partOf
}

function inOrder(parts: readonly PartToWrite[], partCount: number): readonly PartToWrite[] {
  const isNew = ({ part }: PartToWrite): boolean => part >= partCount && part > 0
  return [
    ...parts.filter(isNew).sort((a, b) => a.part - b.part),
    ...parts.filter((part) => !isNew(part)).sort((a, b) => b.part - a.part),
  ]
}
