/** A text, and the text that takes its place. */
export type Replacement = readonly [text: string, replacement: string]

/** Replacements, prepared once and used for many answers. */
export interface Replacements {
  /** Returns these replacements and more. */
  and(more: readonly Replacement[]): Replacements
  /** Replaces in a text. */
  inText(text: string): string
  /** Replaces in the bytes of a whole body. */
  inWhole(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>
  /** Creates a replacer for the bytes of one stream. */
  inBytes(): ByteReplacer
}

/** Replaces byte strings in a stream that comes in pieces. */
export interface ByteReplacer {
  /** Replaces in the next piece. Bytes at its end that may begin a match are kept for the next call. */
  push(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>
  /** Returns what was kept. Call it once, after the last piece. */
  end(): Uint8Array<ArrayBuffer>
}

interface Needle {
  readonly pair: Replacement
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly replacement: Uint8Array<ArrayBuffer>
  /** How far the search may jump, by the byte at the end of its window (Horspool): most bytes are never read. */
  readonly jumps: Uint16Array
}

const nothing: Uint8Array<ArrayBuffer> = new Uint8Array(0)
const maxNeedleLength = 4_096

/**
 * Prepares replacements. Where two texts match at one place, the longer one is replaced; the result is not searched again.
 * A stream is held back by at most the length of one text. A piece without a match is passed on, not copied.
 *
 * @throws RangeError for a text that is empty or longer than 4096 bytes.
 */
export function createReplacements(pairs: readonly Replacement[]): Replacements {
  return fromNeedles(pairs.map(toNeedle))
}

function fromNeedles(unsorted: readonly Needle[]): Replacements {
  const needles = [...unsorted].sort((a, b) => b.bytes.length - a.bytes.length)
  const replacements: Replacements = {
    and(more) {
      return more.length === 0 ? replacements : fromNeedles([...needles, ...more.map(toNeedle)])
    },
    inText(text) {
      return needles.reduce((rest, { pair: [from, to] }) => rest.replaceAll(from, () => to), text)
    },
    /** Replaces in the bytes of a whole body. */
    inWhole(bytes) {
      const replacer = createByteReplacer(needles)
      const most = replacer.push(bytes)
      const rest = replacer.end()
      return rest.length === 0 ? most : concat([most, rest])
    },
    inBytes: () => createByteReplacer(needles),
  }
  return replacements
}

function createByteReplacer(needles: readonly Needle[]): ByteReplacer {
  let kept = nothing
  return {
    push(piece) {
      const bytes = kept.length === 0 ? piece : concat([kept, piece])
      let match = find(needles, bytes, 0)
      const isClean = !match && tailLength(needles, bytes, 0) === 0
      kept = nothing
      // Nearly every piece has no match, and is not copied.
      if (isClean) return bytes
      const parts: Uint8Array<ArrayBuffer>[] = []
      let start = 0
      for (; match; match = find(needles, bytes, start)) {
        parts.push(bytes.subarray(start, match.at), match.needle.replacement)
        start = match.at + match.needle.bytes.length
      }
      const end = bytes.length - tailLength(needles, bytes, start)
      kept = bytes.slice(end)
      return concat([...parts, bytes.subarray(start, end)])
    },
    end() {
      const rest = kept
      kept = nothing
      return rest
    },
  }
}

function toNeedle(pair: Replacement): Needle {
  const [text, replacement] = pair
  const encoder = new TextEncoder()
  const bytes = encoder.encode(text)
  if (bytes.length === 0 || bytes.length > maxNeedleLength) {
    throw new RangeError(
      `A text to replace has 1 to ${maxNeedleLength} bytes in it, not ${bytes.length}`,
    )
  }
  const jumps = new Uint16Array(256).fill(bytes.length)
  bytes.subarray(0, -1).forEach((byte, at) => (jumps[byte] = bytes.length - 1 - at))
  return { pair, bytes, replacement: encoder.encode(replacement), jumps }
}

function find(
  needles: readonly Needle[],
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
): { needle: Needle; at: number } | undefined {
  let best: { needle: Needle; at: number } | undefined
  for (const needle of needles) {
    const at = indexOf(needle, bytes, from)
    if (at >= 0 && (!best || at < best.at)) best = { needle, at }
  }
  return best
}

function indexOf(
  { bytes: needle, jumps }: Needle,
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
): number {
  const last = needle.length - 1
  for (let at = from; at + last < bytes.length;) {
    const end = bytes[at + last] ?? 0
    if (end === needle[last] && matches(needle, bytes, at, last)) return at
    at += jumps[end] ?? 1
  }
  return -1
}

// How many of the last bytes may be the beginning of a needle.
function tailLength(
  needles: readonly Needle[],
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
): number {
  const lastByte = bytes[bytes.length - 1] ?? 0
  let longest = 0
  for (const { bytes: needle, jumps } of needles) {
    // If the last byte stands nowhere in the needle but at its end, no beginning of the needle ends here.
    if (jumps[lastByte] === needle.length) continue
    const most = Math.min(needle.length - 1, bytes.length - from)
    for (let length = most; length > longest; length--) {
      if (matches(needle, bytes, bytes.length - length, length)) longest = length
    }
  }
  return longest
}

function matches(
  needle: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== needle[i]) return false
  return true
}

function concat(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
