// Comparing is most of the work of reading snapshots. Node has memcmp behind Buffer; where there is none, words of four
// bytes are compared: a loop over single bytes would cost as much as decoding them.

/** Below this, single bytes are looked at: a call costs more. */
const fewBytes = 32

/** The number of equal bytes at the start of two ranges; `length` at most. Both ranges must be that long. */
export function samePrefix(
  left: Uint8Array,
  leftStart: number,
  right: Uint8Array,
  rightStart: number,
  length: number,
): number {
  // Text that has grown differs in its first byte.
  if (length === 0 || left[leftStart] !== right[rightStart]) return 0
  const isSameBetween = (from: number, to: number): boolean =>
    isSame(
      left.subarray(leftStart + from, leftStart + to),
      right.subarray(rightStart + from, rightStart + to),
    )
  let same = 0
  let end = length
  if (length > fewBytes && isSameBetween(0, length)) return length
  // The first difference, if there is one, lies between `same` and `end`.
  while (end - same > fewBytes) {
    const middle = (same + end) >> 1
    if (isSameBetween(same, middle)) same = middle
    else end = middle
  }
  while (same < end && left[leftStart + same] === right[rightStart + same]) same += 1
  return same
}

// Looked up by name and used if it is there: this file is read in browsers too.
const memory = (globalThis as { Buffer?: { compare(left: Uint8Array, right: Uint8Array): number } })
  .Buffer

/** Whether two blocks of one length are equal. */
export const isSame: (left: Uint8Array, right: Uint8Array) => boolean = memory
  ? (left, right) => memory.compare(left, right) === 0
  : isSameByWords

/** The same without Buffer. */
export function isSameByWords(left: Uint8Array, right: Uint8Array): boolean {
  const leftView = new DataView(left.buffer, left.byteOffset, left.byteLength)
  const rightView = new DataView(right.buffer, right.byteOffset, right.byteLength)
  const words = left.byteLength - (left.byteLength % 4)
  for (let at = 0; at < words; at += 4) {
    if (leftView.getUint32(at) !== rightView.getUint32(at)) return false
  }
  for (let at = words; at < left.byteLength; at++) if (left[at] !== right[at]) return false
  return true
}
