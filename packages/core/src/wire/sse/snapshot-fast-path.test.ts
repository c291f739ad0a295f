import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GenerationEvent } from '../../events.ts'
import { isSame, isSameByWords, samePrefix } from './same-prefix.ts'
import { createSnapshotFastPath } from './snapshot-fast-path.ts'
import { createSnapshotReader } from '../answers/snapshots.ts'
import { createSseParser } from './sse.ts'
import type { ByteSink } from './sse.ts'

const encoder = new TextEncoder()

interface Outcome {
  text: string
  reasoning: string
  resets: number
  finished: boolean
  usage: unknown
  error: unknown
  /** Events that took the slow path. */
  parsed: number
}

/** Reads a stream in these pieces, with the fast path or without. */
function readStream(pieces: readonly Uint8Array[], withLane: boolean): Outcome {
  const outcome: Outcome = {
    text: '',
    reasoning: '',
    resets: 0,
    finished: false,
    usage: undefined,
    error: undefined,
    parsed: 0,
  }
  const snapshots = createSnapshotReader('e', 'r', (event: GenerationEvent) => {
    if (event.type === 'text-delta') outcome.text += event.delta
    if (event.type === 'reasoning-delta') outcome.reasoning += event.delta
    if (event.type === 'finish') outcome.finished = true
    if (event.type === 'usage') outcome.usage = event.usage
    if (event.type !== 'reset') return
    outcome.text = outcome.reasoning = ''
    outcome.resets += 1
  })
  const parser = createSseParser((message) => {
    outcome.parsed += 1
    return snapshots.read(JSON.parse(message.data))
  })
  const onGrowth = (field: 'output' | 'reasoning', added: string): void =>
    snapshots.grow(field, added)
  const sink: ByteSink = withLane
    ? createSnapshotFastPath(parser, { onGrowth, onRepeat() {} })
    : parser
  try {
    let reading = 'more'
    for (const piece of pieces) if (reading !== 'done') reading = sink.feed(piece)
    if (reading !== 'done') sink.end()
    snapshots.end()
  } catch (error) {
    outcome.error = error instanceof Error ? error.message : error
  }
  return outcome
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const offsets = places
    .map((place) => place % (bytes.length + 1))
    .sort((left, right) => left - right)
  const edges = [0, ...offsets, bytes.length]
  return edges.slice(1).map((edge, index) => bytes.slice(edges[index], edge))
}

interface Framing {
  lineEnd: string
  name: boolean
  space: boolean
  ascii: boolean
  /** Where something stands that says nothing. */
  noise: 'none' | 'before' | 'inside' | 'empty data'
}

function frame(snapshot: object, { lineEnd, name, space, ascii, noise }: Framing): string {
  let json = JSON.stringify(snapshot)
  if (space) json = json.replace('":', '": ')
  if (ascii) {
    json = json.replace(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  }
  const before = { none: '', inside: '', before: ': ping', 'empty data': 'data:' }[noise]
  return [
    ...(before ? [before, ''] : []),
    ...(noise === 'inside' ? [': ping'] : []),
    ...(name ? ['event: event'] : []),
    `data: ${json}`,
    ...(noise === 'inside' ? ['id: 7'] : []),
    '',
    '',
  ].join(lineEnd)
}

const long = 'The quick brown fox "jumps" over\n the lazy dög 👩‍👩‍👧 \\ / \u2028 é. '.repeat(30)
const bits = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"',
    '\\',
    '\n',
    '\ud83d',
    '\ude00',
    '👋',
    '", "partial": false',
    '\\u0041',
    '\ufeff',
    ' ',
  ),
)
/** Mostly growing, sometimes repeating, rewriting or shrinking. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('grow' as const), by: bits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('think' as const), by: bits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), by: bits }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rewrite' as const), by: bits }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rethink' as const), by: bits }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('usage' as const), by: bits }) },
)
const framing: fc.Arbitrary<Framing> = fc.record({
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  name: fc.boolean(),
  space: fc.boolean(),
  ascii: fc.boolean(),
  noise: fc.constantFrom('none', 'none', 'none', 'before', 'inside', 'empty data'),
})

test('rule 7: the fast path reads every stream as the plain parser does, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.record({
        steps: fc.array(step, { maxLength: 25 }),
        framings: fc.array(framing, { minLength: 1, maxLength: 3 }),
        begin: fc.constantFrom(long, ''),
        reasoningFirst: fc.boolean(),
        complete: fc.boolean(),
        /** Where the bytes are cut; undefined: one event per read. */
        places: fc.option(fc.array(fc.nat(200_000), { maxLength: 12 }), { nil: undefined }),
      }),
      ({ steps, framings, begin, reasoningFirst, complete, places }) => {
        let output = begin
        let reasoning = ''
        let usage: object | undefined
        const snapshots: object[] = []
        const push = (partial: boolean): void => {
          const words = reasoningFirst ? { reasoning, output } : { output, reasoning }
          snapshots.push({ ...words, partial, error: null, ...(usage && { usage }) })
        }
        push(true)
        for (const { do: what, by } of steps) {
          if (what === 'grow') output += by
          if (what === 'think') reasoning += by
          if (what === 'rewrite') output = by + output.slice(1)
          if (what === 'rethink') reasoning = by + reasoning.slice(1)
          if (what === 'usage') usage = { prompt_tokens: output.length }
          push(true)
        }
        if (complete) push(false)
        const frames = snapshots.map((snapshot, index) => {
          const how = framings[index % framings.length]
          return encoder.encode(how ? frame(snapshot, how) : '')
        })
        const pieces = places ? cut(Buffer.concat(frames), places) : frames
        const { parsed: _, ...fast } = readStream(pieces, true)
        const { parsed: __, ...plain } = readStream(pieces, false)
        expect(fast).toEqual(plain)
      },
    ),
    { numRuns: 3_000 },
  )
})

test('every split of one growth, byte by byte, reads the same', () => {
  const how = { lineEnd: '\r\n', name: true, space: true, ascii: false, noise: 'none' } as const
  const texts = [long, `${long}é👋"`, `${long}é👋"\\`]
  const stream = texts.map((output) => frame({ output, partial: true }, how)).join('')
  const bytes = encoder.encode(`${stream}${frame({ output: texts[2], partial: false }, how)}`)
  const from = bytes.length - 3 * (encoder.encode(long).length + 60)
  for (let at = Math.max(0, from); at < bytes.length; at += 7) {
    expect(readStream([bytes.slice(0, at), bytes.slice(at)], true)).toMatchObject({
      text: texts[2],
      finished: true,
      resets: 0,
    })
  }
  const single = [...bytes].map((byte) => Uint8Array.of(byte))
  expect(readStream(single, true)).toMatchObject({ text: texts[2], finished: true, resets: 0 })
})

test('only the first and the last event of a long answer take the slow path', () => {
  const how = { lineEnd: '\r\n', name: true, space: true, ascii: false, noise: 'none' } as const
  let output = long
  const pieces: Uint8Array[] = []
  for (let count = 0; count < 500; count++) {
    output += ` word${count}`
    pieces.push(encoder.encode(frame({ output, partial: true, error: null }, how)))
  }
  pieces.push(encoder.encode(frame({ output, partial: false, error: null }, how)))
  expect(readStream(pieces, true)).toMatchObject({ text: output, finished: true, parsed: 2 })
})

test('an event in two reads does not keep the one after it from being learnt', () => {
  const how = { lineEnd: '\n', name: true, space: true, ascii: false, noise: 'none' } as const
  const write = (output: string, partial = true): Uint8Array =>
    encoder.encode(frame({ output, partial }, how))
  const short = write('a')
  const pieces = [short.slice(0, 25), short.slice(25), write(`a${long}`), write(`a${long}b`)]
  pieces.push(write(`a${long}bc`), write(`a${long}bc`, false))
  expect(readStream(pieces, true)).toMatchObject({ text: `a${long}bc`, parsed: 3 })
})

const mebibyte = 1024 * 1024
const fill = (line: string): string => line.repeat(Math.ceil(mebibyte / line.length))
test.each([
  ['comments', '', fill(': ping\n')],
  ['comments between CRs', '', fill(': ping\r')],
  ['comments between blank lines', '', fill(': ping\n\n')],
  ['one comment without an end', ': ', fill('a')],
  ['comments inside an event', 'event: event\n', fill(': ping\n')],
  ['one comment inside an event', 'event: event\r\n: ', fill('a')],
  ['fields nobody knows', '', fill(`mood: ${'fine '.repeat(1_000)}\n`)],
  ['names of events that never come', '', fill('event: event\n')],
])('lines that say nothing are dropped as they come: %s', (_name, first, noise) => {
  const heard: string[] = []
  const parser = createSseParser((message) => {
    heard.push(message.data)
    return 'more'
  })
  const sink = createSnapshotFastPath(parser, { onGrowth() {}, onRepeat() {} })
  const bytes = encoder.encode(noise)
  sink.feed(encoder.encode(first))
  const before = process.memoryUsage().arrayBuffers
  for (let count = 0; count < 40; count++) sink.feed(bytes)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * mebibyte)
  sink.feed(encoder.encode('\ndata: 1\n\n'))
  expect(heard).toEqual(['1'])
})

test('two ways of comparing bytes agree', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(7), (bytes, at, offset) => {
      const other = new Uint8Array(bytes.length + offset)
      other.set(bytes, offset)
      const right = other.subarray(offset)
      expect(isSameByWords(bytes, right)).toBe(true)
      if (at < bytes.length) right[at] = (right[at] ?? 0) ^ 1
      expect(isSameByWords(bytes, right)).toBe(isSame(bytes, right))
      expect(samePrefix(bytes, 0, right, 0, bytes.length)).toBe(Math.min(at, bytes.length))
    }),
  )
})
