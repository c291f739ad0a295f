// An answer is gone on with by asking for the words after it. A model that starts over instead says the old words again:
// its words are held back for as long as they are those of the answer so far, which is all there is to remember.

/** A filter over the deltas of a continued answer. What it lets through is added to the answer so far. */
export interface RepeatSkipper {
  /** Takes a delta and returns what can be shown of it and of what was held back. */
  push(delta: string): string
  /** Returns what is still held back, once nothing more comes: all of it, but a repeat that was cut. */
  end(ending?: { readonly wasCut: boolean }): string
}

/** Of an answer that was cut, so many characters equal to the old ones are a repeat and no chance. */
const recognisedLength = 24

/** Removes the answer so far from the start of a continuation that repeats it whole. */
export function createRepeatSkipper(soFar: string): RepeatSkipper {
  // White space before the words is no difference.
  const repeat = soFar.trimStart()
  let space = ''
  let matched = 0
  let isDecided = repeat === ''

  return {
    push(delta) {
      if (isDecided) return delta
      const words = matched === 0 ? delta.trimStart() : delta
      space += delta.slice(0, delta.length - words.length)
      const expected = repeat.slice(matched, matched + words.length)
      if (!words.startsWith(expected)) {
        isDecided = true
        return space + repeat.slice(0, matched) + words
      }
      matched += expected.length
      isDecided = matched === repeat.length
      return words.slice(expected.length)
    },
    end({ wasCut } = { wasCut: false }) {
      const isRepeat = isDecided || (wasCut && matched >= recognisedLength)
      isDecided = true
      return isRepeat ? '' : space + repeat.slice(0, matched)
    },
  }
}
