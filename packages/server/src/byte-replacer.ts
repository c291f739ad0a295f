/** Replaces byte strings in a stream that comes in pieces. */
export interface ByteReplacer {
  /** Takes the next piece; what may be the beginning of a match is kept for the next call. */
  push(piece: Uint8Array): Uint8Array
  /** Returns what was kept. Call it once, after the last piece. */
  end(): Uint8Array
}

interface Needle {
  readonly bytes: Uint8Array
  readonly replacement: Uint8Array
  /** How far the window may jump, by the byte under its end (Horspool): most of a text is never looked at. */
  readonly jumps: Uint16Array
}

const nothing = new Uint8Array(0)
const maxNeedleLength = 4_096

/**
 * Makes a replacer. Where two needles match at one place the longer wins; replacements are not searched again.
 * Holds at most one needle's length back. A piece without a match is returned as it is, not copied.
 *
 * @throws RangeError for a needle that is empty or longer than 4096 bytes.
 */
export function createByteReplacer(replacements: ReadonlyMap<string, string>): ByteReplacer {
  const needles = [...replacements].map(toNeedle).sort((a, b) => b.bytes.length - a.bytes.length)
  let kept: Uint8Array = nothing

  return {
    push(piece) {
      const bytes = kept.length === 0 ? piece : concat([kept, piece])
      const parts: Uint8Array[] = []
      let start = 0
      for (let match = find(needles, bytes, 0); match; match = find(needles, bytes, start)) {
        parts.push(bytes.subarray(start, match.at), match.needle.replacement)
        start = match.at + match.needle.bytes.length
      }
      const end = bytes.length - tailLength(needles, bytes, start)
      kept = bytes.slice(end)
      const rest = bytes.subarray(start, end)
      return parts.length === 0 ? rest : concat([...parts, rest])
    },
    end() {
      const rest = kept
      kept = nothing
      return rest
    },
  }
}

function toNeedle([text, replacement]: [string, string]): Needle {
  const encoder = new TextEncoder()
  const bytes = encoder.encode(text)
  if (bytes.length === 0 || bytes.length > maxNeedleLength) {
    throw new RangeError(`A needle has 1 to ${maxNeedleLength} bytes, not ${bytes.length}`)
  }
  const jumps = new Uint16Array(256).fill(bytes.length)
  bytes.subarray(0, -1).forEach((byte, at) => (jumps[byte] = bytes.length - 1 - at))
  return { bytes, replacement: encoder.encode(replacement), jumps }
}

function find(
  needles: readonly Needle[],
  bytes: Uint8Array,
  from: number,
): { needle: Needle; at: number } | undefined {
  let best: { needle: Needle; at: number } | undefined
  for (const needle of needles) {
    const at = indexOf(needle, bytes, from)
    if (at >= 0 && (!best || at < best.at)) best = { needle, at }
  }
  return best
}

function indexOf({ bytes: needle, jumps }: Needle, bytes: Uint8Array, from: number): number {
  const last = needle.length - 1
  for (let at = from; at + last < bytes.length;) {
    const end = bytes[at + last] ?? 0
    if (end === needle[last] && matches(needle, bytes, at, last)) return at
    at += jumps[end] ?? 1
  }
  return -1
}

// The longest end of the bytes that a needle begins with.
function tailLength(needles: readonly Needle[], bytes: Uint8Array, from: number): number {
  let longest = 0
  for (const { bytes: needle } of needles) {
    const most = Math.min(needle.length - 1, bytes.length - from)
    for (let length = most; length > longest; length--) {
      if (matches(needle, bytes, bytes.length - length, length)) longest = length
    }
  }
  return longest
}

function matches(needle: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== needle[i]) return false
  return true
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
