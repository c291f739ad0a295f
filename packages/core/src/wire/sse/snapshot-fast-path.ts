// A fast path for snapshots: of an event that repeats the one before and adds to it, only what was added is decoded
// and parsed. It looks at bytes. An event is held against the last one while it arrives; if it differs only by more
// text at the end of `output` (or `reasoning`), the new bytes are the news. Every other event takes the slow path, whole,
// through the event-stream parser, and becomes what the next one is held against.
//
// Work per event: one comparison of its bytes (memcmp) and O(new bytes). Memory: one event, plus its new part.

import { createEventScanner, endsEvent, readEventFields } from './event-boundaries.ts'
import type { StringField } from './event-boundaries.ts'
import { samePrefix } from './same-prefix.ts'
import { maxEventBytes, oversizedEvent } from './sse.ts'
import type { ByteSink, Reading } from './sse.ts'

/** Hears what the fast path has read by itself. */
export interface GrowthListener {
  /** A field has grown by `added`, everything else is as it was. */
  onGrowth(field: StringField['name'], added: string): void
  /** An event came that says nothing new. */
  onRepeat(): void
}

const lf = 10
/** Events below this size take the slow path: comparing gains nothing there. */
const smallestBytes = 1_024

interface FastPath {
  readonly parser: ByteSink
  readonly listener: GrowthListener
  readonly scanner: ReturnType<typeof createEventScanner>
  readonly decoder: TextDecoder
  state: 'comparing' | 'growing' | 'slow'
  reading: Reading
  /** The last event and, while one is compared, the beginning of this one: they are the same bytes. */
  last: Uint8Array<ArrayBuffer>
  lastLength: number
  lastLineEnd: number
  /** Where the texts of the last event end. */
  fields: readonly StringField[]
  /** The part of this event that is not known to equal the last one, or all of it on the slow path. */
  own: Uint8Array<ArrayBuffer>
  ownLength: number
  /** How many bytes of this event are known to equal the last one. */
  compared: number
  grown: StringField | undefined
  /** Where the first line of the grown event ends in `own`; -1 before it has. */
  lineAt: number
}

/** Puts the fast path in front of a parser, which takes the slow one. */
export function createSnapshotFastPath(parser: ByteSink, listener: GrowthListener): ByteSink {
  const path: FastPath = {
    parser,
    listener,
    scanner: createEventScanner(),
    decoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
    state: 'slow',
    reading: 'more',
    last: new Uint8Array(16_384),
    lastLength: 0,
    lastLineEnd: 0,
    fields: [],
    own: new Uint8Array(16_384),
    ownLength: 0,
    compared: 0,
    grown: undefined,
    lineAt: -1,
  }
  return {
    feed(bytes) {
      drain(path, bytes)
      return path.reading
    },
    end() {
      if (path.state !== 'slow') goSlow(path)
      if (path.reading !== 'done') parser.end()
    },
  }
}

function keep(path: FastPath, bytes: Uint8Array): void {
  path.own = withRoom(path.own, path.ownLength, bytes.length)
  path.own.set(bytes, path.ownLength)
  path.ownLength += bytes.length
}

function begin(path: FastPath): void {
  path.state = path.fields.length > 0 ? 'comparing' : 'slow'
  path.compared = 0
  path.ownLength = 0
  path.grown = undefined
  path.lineAt = -1
}

/** Sends what of this event was held back down the slow path. */
function goSlow(path: FastPath): void {
  const prefix = path.last.subarray(0, path.grown ? path.grown.end : path.compared)
  const held = new Uint8Array(prefix.length + path.ownLength)
  held.set(prefix)
  held.set(path.own.subarray(0, path.ownLength), prefix.length)
  begin(path)
  path.state = 'slow'
  drain(path, held)
}

/** Each step takes some of the bytes, at least one, and says how many. */
function compare(path: FastPath, bytes: Uint8Array): number {
  // Text grows where a field ends: as far as that, one comparison says that nothing differs.
  const end = path.fields.find((field) => field.end > path.compared)?.end ?? path.lastLength
  const length = Math.min(bytes.length, end - path.compared)
  const same = samePrefix(path.last, path.compared, bytes, 0, length)
  path.compared += same
  if (path.compared === path.lastLength) {
    path.listener.onRepeat()
    begin(path)
    return same
  }
  if (same === length) return same
  path.grown = path.fields.findLast((field) => field.end <= path.compared)
  if (path.grown) {
    keep(path, path.last.subarray(path.grown.end, path.compared))
    path.state = 'growing'
  } else goSlow(path)
  return same
}

function grow(path: FastPath, bytes: Uint8Array): number {
  const start = path.grown?.end ?? 0
  if (path.lineAt === -1) {
    const end = bytes.indexOf(lf)
    if (end === -1) {
      keep(path, bytes)
      if (path.ownLength > maxEventBytes) goSlow(path)
      return bytes.length
    }
    path.lineAt = path.ownLength + end
  }
  // What followed the field before must follow what was added now.
  const restLength = path.lastLength - start
  const addedLength = path.lineAt - (path.lastLineEnd - start)
  const length = Math.max(path.lineAt + 1, addedLength + restLength)
  const taken = Math.min(bytes.length, length - path.ownLength)
  keep(path, bytes.subarray(0, taken))
  const following = Math.min(path.ownLength - addedLength, restLength)
  const goesOnAlike =
    addedLength >= 0 && samePrefix(path.own, addedLength, path.last, start, following) === following
  if (goesOnAlike && path.ownLength < length) return taken
  const added = goesOnAlike ? unescape(path, path.own.subarray(0, addedLength)) : undefined
  if (added === undefined || !path.grown) {
    goSlow(path)
    return taken
  }
  const { name } = path.grown
  extendLast(path, start, addedLength)
  begin(path)
  path.listener.onGrowth(name, added)
  return taken
}

/** Makes this event the last one: the added bytes go in before what followed the field. */
function extendLast(path: FastPath, start: number, addedLength: number): void {
  path.last = withRoom(path.last, path.lastLength, addedLength)
  path.last.copyWithin(start + addedLength, start, path.lastLength)
  path.last.set(path.own.subarray(0, addedLength), start)
  path.lastLength += addedLength
  path.lastLineEnd += addedLength
  path.fields = path.fields.map(({ name, end }) => ({
    name,
    end: end < start ? end : end + addedLength,
  }))
}

function unescape(path: FastPath, bytes: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${path.decoder.decode(bytes)}"`)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Keeps what may be learnt; of an event of other lines nothing is kept. */
function keepPlain(path: FastPath, bytes: Uint8Array): void {
  if (path.scanner.isPlain()) keep(path, bytes)
  else path.ownLength = 0
  if (path.ownLength > maxEventBytes) throw oversizedEvent()
}

/** Event by event, so that the one after can be compared. */
function takeSlow(path: FastPath, bytes: Uint8Array): number {
  const end = path.scanner.scan(bytes)
  const taken = end === -1 ? bytes.length : end
  const piece = bytes.subarray(0, taken)
  keepPlain(path, piece)
  path.reading = path.parser.feed(piece)
  if (end === -1) return taken
  learn(path)
  begin(path)
  return taken
}

/** Nothing is known yet: all bytes at once, and a look at the last event that is whole. */
function takeFirst(path: FastPath, bytes: Uint8Array): number {
  path.reading = path.parser.feed(bytes)
  if (path.ownLength + bytes.length < smallestBytes && endsEvent(bytes)) {
    // So every answer begins: there is nothing to learn, and no reason to look.
    path.ownLength = 0
    path.scanner.pass()
    return bytes.length
  }
  let start = 0
  let end = 0
  for (let next = path.scanner.scan(bytes); next !== -1; next = path.scanner.scan(bytes, next)) {
    if (end > 0 || !path.scanner.isPlain()) path.ownLength = 0
    start = path.scanner.isPlain() ? end : next
    end = next
  }
  if (end > 0) {
    keep(path, bytes.subarray(start, end))
    learn(path)
    path.ownLength = 0
  }
  if (end === bytes.length) begin(path)
  else keepPlain(path, bytes.subarray(end))
  return bytes.length
}

function learn(path: FastPath): void {
  const frame =
    path.ownLength < smallestBytes ? undefined : readEventFields(path.own, path.ownLength)
  path.fields = frame?.fields ?? []
  if (!frame || path.fields.length === 0) return
  const free = path.last
  path.last = path.own
  path.lastLength = path.ownLength
  path.lastLineEnd = frame.lineEnd
  path.own = free
  path.ownLength = 0
}

function take(path: FastPath, bytes: Uint8Array): number {
  if (path.state === 'comparing') return compare(path, bytes)
  if (path.state === 'growing') return grow(path, bytes)
  return path.fields.length > 0 ? takeSlow(path, bytes) : takeFirst(path, bytes)
}

function drain(path: FastPath, bytes: Uint8Array): void {
  let rest = bytes
  while (rest.length > 0 && path.reading !== 'done') {
    rest = rest.subarray(take(path, rest))
  }
}

function withRoom(
  bytes: Uint8Array<ArrayBuffer>,
  used: number,
  more: number,
): Uint8Array<ArrayBuffer> {
  if (used + more <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(used + more, bytes.length * 2))
  larger.set(bytes.subarray(0, used))
  return larger
}
