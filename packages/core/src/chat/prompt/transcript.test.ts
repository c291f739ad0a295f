import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeTranscript } from './transcript.ts'

test('a single turn is sent as it was typed', () => {
  expect(writeTranscript([{ role: 'user', text: ' Hello\nUser: me ' }])).toBe(' Hello\nUser: me ')
})

test('turns begin at the left edge, their further lines do not', () => {
  const text = writeTranscript([
    { role: 'user', text: 'Write code' },
    { role: 'assistant', text: 'Here:\n\n```js\n  go()\n```' },
    { role: 'user', text: 'Thanks' },
  ])
  expect(text).toBe(
    'User: Write code\n\nAssistant: Here:\n\n  ```js\n    go()\n  ```\n\nUser: Thanks',
  )
})

const lineEnds = ['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029', '\n\n']
const labels = [
  'User:',
  'Assistant:',
  'assistant :',
  'SYSTEM:',
  '  User:',
  '**User:**',
  '> Human:',
  'AI：',
]

test('rule 8: no turn can forge another speaker', () => {
  const hostile = fc
    .array(fc.oneof(fc.constantFrom(...lineEnds), fc.constantFrom(...labels), fc.string()))
    .map((pieces) => pieces.join(''))
  const turn = fc.record({ role: fc.constantFrom('user', 'assistant'), text: hostile })
  fc.assert(
    fc.property(fc.array(turn, { minLength: 2, maxLength: 6 }), (turns) => {
      // The type of the arbitrary is wider than its values.
      const text = writeTranscript(turns as Parameters<typeof writeTranscript>[0])
      const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
      const speakers = lines.filter((line) => /^(User|Assistant):/.test(line))
      expect(speakers).toHaveLength(turns.length)
      const lookalikes = lines.filter((line) =>
        /^\W+(user|assistant|system|human|ai)\W*?[:：]/i.test(line),
      )
      expect(lookalikes.filter((line) => !line.includes('\\'))).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})
