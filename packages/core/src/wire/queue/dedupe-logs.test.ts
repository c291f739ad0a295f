import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogLine } from '../../events.ts'
import { createLogDedupe } from './dedupe-logs.ts'

const lineOf = (message: string): LogLine => ({ message, level: 'INFO', timestamp: '' })

test('whatever polls and streams repeat, each line is said once and in order', () => {
  // Few words, so that a job often says the same line twice.
  const job = fc.array(fc.constantFrom('load', 'think', 'write').map(lineOf), { maxLength: 12 })
  const look = fc.record({
    kind: fc.constantFrom('poll', 'stream', 'cut' as const),
    upTo: fc.nat(12),
  })
  fc.assert(
    fc.property(job, fc.array(look, { maxLength: 15 }), (lines, looks) => {
      const open = createLogDedupe()
      const said: LogLine[] = []
      let stream = open()
      let streamed = 0
      let latest = 0
      for (const { kind, upTo } of looks) {
        latest = Math.max(latest, Math.min(upTo, lines.length))
        if (kind === 'poll') said.push(...open()(lines.slice(0, latest)))
        if (kind === 'cut') [stream, streamed] = [open(), 0]
        if (kind === 'stream') {
          said.push(...stream(lines.slice(streamed, latest)))
          streamed = latest
        }
      }
      said.push(...open()(lines))
      expect(said).toEqual(lines)
    }),
  )
})

test('a stream that is joined again and says only what is new loses nothing', () => {
  const open = createLogDedupe()
  const at = (timestamp: string): LogLine => ({ message: 'step', level: 'INFO', timestamp })
  expect(open()([at('1'), at('2')])).toHaveLength(2)
  expect(open()([at('3')])).toEqual([at('3')])
})

test.each([undefined, 'no list', [null, 3, { level: 'INFO' }]])(
  'what is no log line is passed over: %j',
  (lines) => {
    expect(createLogDedupe()()(lines)).toEqual([])
  },
)
