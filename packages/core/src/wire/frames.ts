// Server-sent events seen as bytes: where one ends, and where inside it the strings of a snapshot end.

const lf = 10
const cr = 13
const quote = 34
const d = 100
const e = 101
const backslash = 92

/** Finds where events end, in bytes that come in pieces. */
export interface FrameScanner {
  /** The offset after the first blank line that ends in these bytes, or -1; the bytes up to it count as read. */
  scan(bytes: Uint8Array, from?: number): number
  /** Whether the event scanned last has only the lines of a snapshot so far: perhaps an `event:`, then one `data:`. */
  isPlain(): boolean
  /** An event begins. */
  reset(): void
}

/** Starts before the first event. A blank line may end in a CR whose LF is still to come: that LF ends one more, empty event. */
export function createFrameScanner(): FrameScanner {
  let lineIsEmpty = true
  let afterCr = false
  let atEnd = false
  /** The first letter of the last line: 0 before the first line, -1 after a line that a snapshot has not. */
  let lastLine = 0

  const beginLine = (letter: number | undefined): void => {
    const isNext = letter === d ? lastLine === 0 || lastLine === e : letter === e && lastLine === 0
    lastLine = isNext && letter !== undefined ? letter : -1
  }
  const reset = (): void => {
    lineIsEmpty = true
    afterCr = false
    atEnd = false
    lastLine = 0
  }
  return {
    scan(bytes, from = 0) {
      if (atEnd) lastLine = 0
      let start = from
      for (;;) {
        if (afterCr && bytes[start] === lf) start += 1
        if (start < bytes.length) afterCr = false
        const end = nextLineEnd(bytes, start, bytes.length)
        atEnd = lineIsEmpty && end === start
        if (lineIsEmpty && !atEnd && start < bytes.length) beginLine(bytes[start])
        if (end === -1) {
          lineIsEmpty &&= start >= bytes.length
          return -1
        }
        afterCr = bytes[end] === cr
        lineIsEmpty = true
        start = end + 1
        if (atEnd) return afterCr && bytes[start] === lf ? start + 1 : start
      }
    },
    isPlain: () => lastLine !== -1,
    reset,
  }
}

/** Looked at byte by byte before a search is called: most lines are short. */
const nearBytes = 64

/** The offset of the next LF or CR, or -1. */
export function nextLineEnd(bytes: Uint8Array, from: number, to: number): number {
  const near = Math.min(to, from + nearBytes)
  for (let at = from; at < near; at++) {
    if (bytes[at] === lf || bytes[at] === cr) return at
  }
  if (near >= to) return -1
  const feed = bytes.indexOf(lf, near)
  const atLf = feed === -1 || feed >= to ? -1 : feed
  const carriage = bytes.subarray(0, atLf === -1 ? to : atLf).indexOf(cr, near)
  return carriage === -1 ? atLf : carriage
}

/** Where a string field of a snapshot ends: the offset of its closing quote. */
export interface StringField {
  readonly name: 'output' | 'reasoning'
  readonly end: number
}

const decoder = new TextDecoder()

/**
 * Finds the strings of a frame that is one `data:` line with a JSON object, and perhaps an `event:` line before it.
 *
 * @returns undefined for every other frame: those are read the long way.
 */
export function snapshotFields(
  bytes: Uint8Array,
  length: number,
): readonly StringField[] | undefined {
  // After a lone CR the parser waits for the LF that may follow: it has not read this event yet.
  if (bytes[length - 1] !== lf) return undefined
  let start = 0
  if (startsWith(bytes, 'event:')) {
    start = nextLineEnd(bytes, 0, length) + 1
    if (bytes[start - 1] === cr && bytes[start] === lf) start += 1
  }
  if (!startsWith(bytes.subarray(start), 'data:')) return undefined
  const lineEnd = nextLineEnd(bytes, start, length)
  // One line, then the blank one and no more: two line ends of at most two bytes.
  if (lineEnd === -1 || length - lineEnd > 4) return undefined
  return topLevelStrings(bytes, start + 'data:'.length, lineEnd)
}

function startsWith(bytes: Uint8Array, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    if (bytes[index] !== word.charCodeAt(index)) return false
  }
  return true
}

/** Walks an object's keys. The JSON is known to be valid: it has been parsed the long way. */
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
      // Of two equal keys the last one counts; such an object is read the long way.
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
