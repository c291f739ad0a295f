// Server-sent events seen as bytes: where one ends, and where inside it the strings of a snapshot end. Lines are ended by
// LF or CRLF here; what a bare CR ends is part of a longer line and never looks like a snapshot.
//
// Bytes are searched with `indexOf`, never in a loop: the first answers of a page run before any loop has been compiled.

const lf = 10
const cr = 13
const quote = 34
const backslash = 92
const d = 100
const e = 101

/** Finds where events end, in bytes that come in pieces. */
export interface FrameScanner {
  /** The offset after the first blank line that ends in these bytes, or -1; the bytes up to it count as read. */
  scan(bytes: Uint8Array, from?: number): number
  /** Whether the event scanned last has only the lines of a snapshot so far: perhaps an `event:`, then one `data:`. */
  isPlain(): boolean
  /** Passes over bytes that end with an event: the next scan begins with another. */
  pass(): void
}

/** Starts before the first event. */
export function createEventScanner(): FrameScanner {
  let line: 'empty' | 'cr' | 'some' = 'empty'
  let atEnd = true
  /** The first letter of the last line: 0 before the first line, -1 after a line that a snapshot has not. */
  let lastLine = 0

  const beginLine = (letter: number): void => {
    const isNext = letter === d ? lastLine === 0 || lastLine === e : letter === e && lastLine === 0
    lastLine = isNext ? letter : -1
  }
  /** Reads a part of a line, without its LF. */
  const read = (bytes: Uint8Array, start: number, end: number): void => {
    if (start === end) return
    const letter = bytes[start] ?? 0
    if (line === 'empty' && letter === cr && end - start === 1) {
      line = 'cr'
      return
    }
    if (line !== 'some') beginLine(line === 'cr' ? cr : letter)
    line = 'some'
  }
  return {
    scan(bytes, from = 0) {
      if (atEnd) lastLine = 0
      atEnd = false
      for (let start = from; ;) {
        const end = bytes.indexOf(lf, start)
        read(bytes, start, end === -1 ? bytes.length : end)
        if (end === -1) return -1
        atEnd = line !== 'some'
        line = 'empty'
        start = end + 1
        if (atEnd) return start
      }
    },
    isPlain: () => lastLine !== -1,
    pass() {
      line = 'empty'
      atEnd = true
    },
  }
}

/** Whether bytes end with a blank line. */
export function endsEvent(bytes: Uint8Array): boolean {
  const { length } = bytes
  if (bytes[length - 1] !== lf) return false
  const before = length - (bytes[length - 2] === cr ? 3 : 2)
  return bytes[before] === lf
}

/** Where a string field of a snapshot ends: the offset of its closing quote. */
export interface StringField {
  readonly name: 'output' | 'reasoning'
  readonly end: number
}

const decoder = new TextDecoder()

/** What there is to know of an event that is one `data:` line with a JSON object, and perhaps an `event:` line before it. */
export interface SnapshotFrame {
  readonly fields: readonly StringField[]
  /** The offset of the line end after the JSON. */
  readonly lineEnd: number
}

/**
 * Finds the strings of a snapshot's frame.
 *
 * @returns undefined for every other frame: those are read the slow path.
 */
export function readEventFields(bytes: Uint8Array, length: number): SnapshotFrame | undefined {
  const start = startsWith(bytes, 0, 'event:') ? bytes.indexOf(lf) + 1 : 0
  const lineEnd = bytes.indexOf(lf, start)
  // One line, then the blank one and no more: LF, or CRLF.
  const isAlone = length - lineEnd <= 3 && isOneLine(bytes, 0, start - 1)
  if (!isAlone || !startsWith(bytes, start, 'data:') || !isOneLine(bytes, start, lineEnd)) {
    return undefined
  }
  const fields = topLevelStrings(bytes, start + 'data:'.length, lineEnd)
  return fields && { fields, lineEnd }
}

/** Whether no bare CR ends a line between two offsets, of which the second is that of an LF. */
function isOneLine(bytes: Uint8Array, from: number, to: number): boolean {
  const carriage = bytes.indexOf(cr, from)
  return carriage === -1 || carriage >= to - 1
}

function startsWith(bytes: Uint8Array, from: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    if (bytes[from + index] !== word.charCodeAt(index)) return false
  }
  return true
}

/** Walks an object's keys. The JSON is known to be valid: it has been parsed the slow path. */
function topLevelStrings(
  bytes: Uint8Array,
  from: number,
  to: number,
): readonly StringField[] | undefined {
  const fields: StringField[] = []
  const seen = new Set<string>()
  let depth = 0
  let key: string | undefined
  let index = from
  while (index < to) {
    const byte = bytes[index]
    if (byte === quote) {
      const end = stringEnd(bytes, index + 1, to)
      if (end === -1) return undefined
      if (depth === 1 && key === undefined) key = decoder.decode(bytes.subarray(index + 1, end))
      else if (depth === 1 && (key === 'output' || key === 'reasoning')) {
        fields.push({ name: key, end })
      }
      index = end
    } else if (byte === 123 || byte === 91) depth += 1
    else if (byte === 125 || byte === 93) depth -= 1
    else if (byte === 44 && depth === 1) {
      // Of two equal keys the last one counts; such an object is read the slow path.
      if (key !== undefined && seen.has(key)) return undefined
      if (key !== undefined) seen.add(key)
      key = undefined
    }
    index += 1
  }
  return key !== undefined && seen.has(key) ? undefined : fields
}

/** The offset of the quote that closes a string, or -1. */
function stringEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let end = bytes.indexOf(quote, from); end !== -1 && end < to;) {
    let escapes = 0
    while (end - escapes > from && bytes[end - escapes - 1] === backslash) escapes += 1
    if (escapes % 2 === 0) return end
    end = bytes.indexOf(quote, end + 1)
  }
  return -1
}
