// The fast lane for snapshots: of an event that repeats the one before and adds to it, only what was added is decoded
// and parsed. It looks at bytes. An event is held against the last one while it arrives; if it differs only by more
// text at the end of `output` (or `reasoning`), the new bytes are the news. Every other event takes the long way, whole,
// through the event-stream parser, and becomes what the next one is held against.
//
// Work per event: one comparison of its bytes (memcmp) and O(new bytes). Memory: one event, plus its new part.

import { createFrameScanner, endsEvent, readFrame } from './event-boundaries.ts'
import type { StringField } from './event-boundaries.ts'
import { samePrefix } from './same-prefix.ts'
import { maxEventBytes, oversizedEvent } from './sse.ts'
import type { ByteSink, Reading } from './sse.ts'

/** Hears what the lane has understood by itself. */
export interface LaneListener {
  /** A field has grown by `added`, everything else is as it was. */
  onGrowth(field: StringField['name'], added: string): void
  /** An event came that says nothing new. */
  onRepeat(): void
}

const lf = 10
/** Events below this size are read the long way: comparing gains nothing there. */
const smallestBytes = 1_024

/** Puts the fast lane in front of a parser that takes the long way. */
export function createSnapshotLane(parser: ByteSink, listener: LaneListener): ByteSink {
  /** The last event and, while one is compared, the beginning of this one: they are the same bytes. */
  let last = new Uint8Array(16_384)
  let lastLength = 0
  let lastLineEnd = 0
  let fields: readonly StringField[] = []
  /** The part of this event that is not known to equal the last one, or all of it on the long way. */
  let own = new Uint8Array(16_384)
  let ownLength = 0
  let state: 'comparing' | 'growing' | 'long' = 'long'
  let compared = 0
  let grown: StringField | undefined
  /** Where the first line of the grown event ends in `own`, once it has. */
  let lineAt = -1
  let reading: Reading = 'more'
  const scanner = createFrameScanner()
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  const keep = (bytes: Uint8Array): void => {
    own = withRoom(own, ownLength, bytes.length)
    own.set(bytes, ownLength)
    ownLength += bytes.length
  }
  const begin = (): void => {
    state = fields.length > 0 ? 'comparing' : 'long'
    compared = 0
    ownLength = 0
    grown = undefined
    lineAt = -1
  }

  /** Sends what of this event was held back the long way. */
  const goLong = (): void => {
    const prefix = last.subarray(0, grown ? grown.end : compared)
    const held = new Uint8Array(prefix.length + ownLength)
    held.set(prefix)
    held.set(own.subarray(0, ownLength), prefix.length)
    begin()
    state = 'long'
    drain(held)
  }

  /** Each way takes some of the bytes, at least one, and says how many. */
  const compare = (bytes: Uint8Array): number => {
    // Text grows where a field ends: as far as that, one comparison says that nothing differs.
    const end = fields.find((field) => field.end > compared)?.end ?? lastLength
    const length = Math.min(bytes.length, end - compared)
    const same = samePrefix(last, compared, bytes, 0, length)
    compared += same
    if (compared === lastLength) {
      listener.onRepeat()
      begin()
      return same
    }
    if (same === length) return same
    grown = fields.findLast((field) => field.end <= compared)
    if (grown) {
      keep(last.subarray(grown.end, compared))
      state = 'growing'
    } else goLong()
    return same
  }

  const grow = (bytes: Uint8Array): number => {
    const start = grown?.end ?? 0
    if (lineAt === -1) {
      const end = bytes.indexOf(lf)
      if (end === -1) {
        keep(bytes)
        if (ownLength > maxEventBytes) goLong()
        return bytes.length
      }
      lineAt = ownLength + end
    }
    // What followed the field before must follow what was added now.
    const restLength = lastLength - start
    const addedLength = lineAt - (lastLineEnd - start)
    const length = Math.max(lineAt + 1, addedLength + restLength)
    const taken = Math.min(bytes.length, length - ownLength)
    keep(bytes.subarray(0, taken))
    const following = Math.min(ownLength - addedLength, restLength)
    const goesOnAlike =
      addedLength >= 0 && samePrefix(own, addedLength, last, start, following) === following
    if (goesOnAlike && ownLength < length) return taken
    const added = goesOnAlike ? unescape(own.subarray(0, addedLength)) : undefined
    if (added === undefined || !grown) {
      goLong()
      return taken
    }
    const { name } = grown
    extendLast(start, addedLength)
    begin()
    listener.onGrowth(name, added)
    return taken
  }

  /** Makes this event the last one: the added bytes go in before what followed the field. */
  const extendLast = (start: number, addedLength: number): void => {
    last = withRoom(last, lastLength, addedLength)
    last.copyWithin(start + addedLength, start, lastLength)
    last.set(own.subarray(0, addedLength), start)
    lastLength += addedLength
    lastLineEnd += addedLength
    fields = fields.map(({ name, end }) => ({ name, end: end < start ? end : end + addedLength }))
  }

  const unescape = (bytes: Uint8Array): string | undefined => {
    try {
      const value: unknown = JSON.parse(`"${decoder.decode(bytes)}"`)
      return typeof value === 'string' ? value : undefined
    } catch {
      return undefined
    }
  }

  /** Keeps what may be learnt; of an event of other lines nothing is kept. */
  const keepPlain = (bytes: Uint8Array): void => {
    if (scanner.isPlain()) keep(bytes)
    else ownLength = 0
    if (ownLength > maxEventBytes) throw oversizedEvent()
  }
  /** Event by event, so that the one after can be compared. */
  const takeLong = (bytes: Uint8Array): number => {
    const end = scanner.scan(bytes)
    const taken = end === -1 ? bytes.length : end
    const piece = bytes.subarray(0, taken)
    keepPlain(piece)
    reading = parser.feed(piece)
    if (end === -1) return taken
    learn()
    begin()
    return taken
  }

  /** Nothing is known yet: all bytes at once, and a look at the last event that is whole. */
  const takeFirst = (bytes: Uint8Array): number => {
    reading = parser.feed(bytes)
    if (ownLength + bytes.length < smallestBytes && endsEvent(bytes)) {
      // So every answer begins: there is nothing to learn, and no reason to look.
      ownLength = 0
      scanner.pass()
      return bytes.length
    }
    let start = 0
    let end = 0
    for (let next = scanner.scan(bytes); next !== -1; next = scanner.scan(bytes, next)) {
      if (end > 0 || !scanner.isPlain()) ownLength = 0
      start = scanner.isPlain() ? end : next
      end = next
    }
    if (end > 0) {
      keep(bytes.subarray(start, end))
      learn()
      ownLength = 0
    }
    if (end === bytes.length) begin()
    else keepPlain(bytes.subarray(end))
    return bytes.length
  }

  const learn = (): void => {
    const frame = ownLength < smallestBytes ? undefined : readFrame(own, ownLength)
    fields = frame?.fields ?? []
    if (!frame || fields.length === 0) return
    const free = last
    last = own
    lastLength = ownLength
    lastLineEnd = frame.lineEnd
    own = free
    ownLength = 0
  }

  const ways = {
    comparing: compare,
    growing: grow,
    long: (bytes: Uint8Array) => (fields.length > 0 ? takeLong(bytes) : takeFirst(bytes)),
  }
  const drain = (bytes: Uint8Array): void => {
    let rest = bytes
    while (rest.length > 0 && reading !== 'done') {
      rest = rest.subarray(ways[state](rest))
    }
  }

  return {
    feed(bytes) {
      drain(bytes)
      return reading
    },
    end() {
      if (state !== 'long') goLong()
      if (reading !== 'done') parser.end()
    },
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
