import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRepeatSkipper } from './skip-repeat.ts'

const soFar = 'The capital of France is Paris. It lies on the'

function continueWith(before: string, deltas: readonly string[], wasCut = false): string {
  const skipper = createRepeatSkipper(before)
  return deltas.map((delta) => skipper.push(delta)).join('') + skipper.end({ wasCut })
}

/** Cuts a text into deltas at these places, inside characters too. */
function split(text: string, cuts: readonly number[]): readonly string[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length]
  places.sort((a, b) => a - b)
  return places.slice(1).map((place, index) => text.slice(places[index], place))
}

// Few letters: texts often begin like one another.
const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '😀') })
const words = text.filter((value) => value.trim() !== '')
const cuts = fc.array(fc.nat(1_000), { maxLength: 12 })

test('a true continuation comes through with the first delta that differs', () => {
  const skipper = createRepeatSkipper(soFar)
  expect(skipper.push(' Seine')).toBe(' Seine')
  expect(skipper.push('. The capital')).toBe('. The capital')
})

test('a model that starts over is heard from where it had ended', () => {
  const skipper = createRepeatSkipper(soFar)
  expect(skipper.push('The capital of ')).toBe('')
  expect(skipper.push('France is Paris. It lies on the Sei')).toBe(' Sei')
  expect(skipper.push('ne')).toBe('ne')
  expect(skipper.end()).toBe('')
})

test('white space before the repeat is no difference', () => {
  expect(continueWith(`\n${soFar}`, [' ', '\n', soFar, ' Seine'])).toBe(' Seine')
})

test('nothing is held longer than it takes to tell', () => {
  const skipper = createRepeatSkipper(soFar)
  expect(skipper.push('The ')).toBe('')
  expect(skipper.push('capita')).toBe('')
  expect(skipper.push('n')).toBe('The capitan')
})

test('an ended answer is shown whole though the old one begins with it; a repeat that was cut is not', () => {
  expect(continueWith('ha ha ha', ['ha ', 'ha'])).toBe('ha ha')
  expect(continueWith(soFar, ['The capital of France is Paris. '])).not.toBe('')
  expect(continueWith(soFar, ['The capital of France is Paris. '], true)).toBe('')
  expect(continueWith(soFar, ['The'], true)).toBe('The')
})

test('nothing before is nothing to repeat', () => {
  expect(continueWith('', [' ', 'Hello'])).toBe(' Hello')
  expect(continueWith(' \n', [' \n', 'Hello'])).toBe(' \nHello')
})

test('however the deltas are split, the result is the same', () => {
  fc.assert(
    fc.property(words, text, cuts, fc.boolean(), (before, answer, places, wasCut) => {
      const whole = continueWith(before, [answer], wasCut)
      expect(continueWith(before, split(answer, places), wasCut)).toBe(whole)
      expect(
        continueWith(
          before,
          [...answer].flatMap((letter) => [letter, '']),
          wasCut,
        ),
      ).toBe(whole)
    }),
    { numRuns: 2_000 },
  )
})

test('a restart yields exactly the rest', () => {
  fc.assert(
    fc.property(words, text, cuts, (before, rest, places) => {
      expect(continueWith(before, split(before + rest, places))).toBe(rest)
    }),
    { numRuns: 2_000 },
  )
})

test('what is no whole repeat comes through whole, a restart that goes another way too', () => {
  const diverging = fc
    .tuple(words, fc.nat(1_000), text)
    .map(([before, at, rest]) => [before, before.slice(0, at % before.length) + rest] as const)
  fc.assert(
    fc.property(fc.oneof(diverging, fc.tuple(words, text)), cuts, ([before, answer], places) => {
      fc.pre(!answer.trimStart().startsWith(before.trimStart()))
      expect(continueWith(before, split(answer, places))).toBe(answer)
    }),
    { numRuns: 2_000 },
  )
})

test('nothing is held back once it differs, and nothing shown while it may be a repeat', () => {
  fc.assert(
    fc.property(words, text, (before, answer) => {
      fc.pre(!answer.trimStart().startsWith(before.trimStart()))
      const skipper = createRepeatSkipper(before)
      let given = ''
      let shown = ''
      for (const letter of answer) {
        given += letter
        shown += skipper.push(letter)
        const mayRepeat = before.trimStart().startsWith(given.trimStart())
        expect(shown).toBe(mayRepeat ? '' : given)
      }
    }),
    { numRuns: 2_000 },
  )
})
