import { createManualClock, settled } from '@fal-llm/testkit'
import type { EventSourceMessage } from 'eventsource-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxEventBytes, readSse } from './sse.ts'
import { createDeadline } from '../../deadline.ts'

const encoder = new TextEncoder()

/** A response whose body arrives in exactly these reads. */
function arriving(chunks: readonly Uint8Array[], ending: 'end' | 'error' = 'end'): Response {
  const queue = [...chunks]
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = queue.shift()
      if (next) controller.enqueue(next)
      else if (ending === 'end') controller.close()
      else controller.error(new TypeError('terminated'))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function cut(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const edges = [0, ...[...offsets].sort((left, right) => left - right), bytes.length]
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
}

async function read(response: Response): Promise<EventSourceMessage[]> {
  const messages: EventSourceMessage[] = []
  await readSse(response, createDeadline(createManualClock()), (message) => {
    messages.push(message)
    return 'more'
  })
  return messages
}

const lineEnds = ['\n', '\r\n', '\r'] as const

function streamOf(texts: readonly string[], lineEnd: string): string {
  return texts
    .map(
      (text) =>
        `: ping${lineEnd}event: event${lineEnd}data: ${JSON.stringify(text)}${lineEnd}${lineEnd}`,
    )
    .join('')
}

test('rule 6: bytes may be split at every place, inside a character too, with every line end', async () => {
  const texts = ['Hello', 'Hello wörld', 'Hello wörld 👩‍👩‍👧 שלום e\u0301', '\u2028 line\nbreak']
  for (const lineEnd of lineEnds) {
    const bytes = encoder.encode(streamOf(texts, lineEnd))
    for (let offset = 0; offset <= bytes.length; offset++) {
      const messages = await read(arriving(cut(bytes, [offset])))
      expect(messages.map((message) => JSON.parse(message.data))).toEqual(texts)
    }
    const single = [...bytes].map((byte) => Uint8Array.of(byte))
    expect((await read(arriving(single))).map((message) => JSON.parse(message.data))).toEqual(texts)
  }
})

test('rule 6: random texts in random pieces read the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 6 }),
      fc.constantFrom(...lineEnds),
      fc.array(fc.nat(), { maxLength: 10 }),
      async (texts, lineEnd, places) => {
        const bytes = encoder.encode(streamOf(texts, lineEnd))
        const offsets = places.map((place) => (bytes.length ? place % bytes.length : 0))
        const messages = await read(arriving(cut(bytes, offsets)))
        expect(messages.map((message) => JSON.parse(message.data))).toEqual(texts)
      },
    ),
    { numRuns: 500 },
  )
})

test('rule 6: a byte order mark, comments and multi-line data are read as the standard says', async () => {
  const bytes = encoder.encode(
    '\uFEFF: hi\ndata: {"a":\ndata: 1}\n\nid: 7\nretry: 5\nevent: named\ndata: 2\n\n',
  )
  const messages = await read(arriving([bytes]))
  expect(messages).toMatchObject([{ data: '{"a":\n1}' }, { data: '2', event: 'named' }])
})

test('an event that was not finished is not delivered', async () => {
  expect(await read(arriving([encoder.encode('data: 1\n\ndata: 2')]))).toMatchObject([
    { data: '1' },
  ])
  expect(await read(arriving([encoder.encode('data: 1\r\rdata: 2\r')]))).toHaveLength(1)
})

test('a connection that breaks is interrupted, after what had arrived was delivered', async () => {
  const heard: string[] = []
  const reading = readSse(
    arriving([encoder.encode('data: 1\n\ndata: 2')], 'error'),
    createDeadline(createManualClock()),
    (message) => {
      heard.push(message.data)
      return 'more'
    },
  )
  await expect(reading).rejects.toMatchObject({ code: 'interrupted', retryable: true })
  expect(heard).toEqual(['1'])
})

test('rule 3: an abort ends a read that never comes', async () => {
  const silent = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))
  const outer = new AbortController()
  const deadline = createDeadline(createManualClock(), {}, outer.signal)
  const reading = readSse(silent, deadline, () => 'more')
  outer.abort()
  await expect(reading).rejects.toMatchObject({ code: 'aborted' })
})

test('an event without an end is given up before it fills the memory', async () => {
  const mebibyte = encoder.encode('a'.repeat(1024 * 1024))
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += mebibyte.length
      controller.enqueue(sent === mebibyte.length ? encoder.encode('data: ') : mebibyte)
    },
  })
  const reading = readSse(new Response(body), createDeadline(createManualClock()), () => 'more')
  await expect(reading).rejects.toMatchObject({ code: 'provider' })
  expect(sent).toBeLessThan(2 * maxEventBytes)
})

test('reading stops when the reader has heard enough', async () => {
  let heard = 0
  await readSse(
    arriving([encoder.encode('data: 1\n\ndata: 2\n\n'), encoder.encode('data: 3\n\n')]),
    createDeadline(createManualClock()),
    () => {
      heard += 1
      return 'done'
    },
  )
  expect(heard).toBe(1)
})

/** A body that stays open: `write` sends a piece, `breakOff` breaks the connection. */
function open() {
  let control: ReadableStreamDefaultController<Uint8Array> | undefined
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (control = controller),
    cancel: () => void (cancelled = true),
  })
  return {
    response: new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
    write: (text: string) => control?.enqueue(encoder.encode(text)),
    breakOff: () => control?.error(new TypeError('terminated')),
    cancelled: () => cancelled,
  }
}

test('after the last word a stream is heard for two seconds more, whatever becomes of the connection', async () => {
  for (const ending of ['breaks', 'stays open'] as const) {
    const clock = createManualClock()
    const { response, write, breakOff, cancelled } = open()
    const heard: string[] = []
    const reading = readSse(response, createDeadline(clock), (message) => {
      heard.push(message.data)
      return 'closing'
    })
    write('data: 1\n\n')
    await settled()
    clock.advance(1_900)
    write('data: 2\n\n')
    await settled()
    if (ending === 'breaks') breakOff()
    else clock.advance(100)
    await reading
    expect(heard).toEqual(['1', '2'])
    expect(cancelled()).toBe(ending === 'stays open')
    expect(clock.pending).toBe(0)
  }
})

test('rule 2: heartbeats and words after the last word do not hold a stream open', async () => {
  const clock = createManualClock()
  const { response, write } = open()
  let over = false
  const reading = readSse(response, createDeadline(clock), () => 'closing').then(
    () => (over = true),
  )
  write('data: 1\n\n')
  await settled()
  for (let count = 0; count < 20; count++) {
    if (!over) write(count % 2 === 0 ? ': ping\n\n' : 'data: 2\n\n')
    await settled()
    clock.advance(100)
  }
  await settled()
  expect(over).toBe(true)
  await reading
})

test('a stream that closes after its last word leaves no timer behind', async () => {
  for (const last of ['closing', 'done'] as const) {
    const clock = createManualClock()
    const deadline = createDeadline(clock)
    const pieces = ['data: 1\n\n', ': ping\n\n', 'data: 2\n\n'].map((text) => encoder.encode(text))
    await readSse(arriving(pieces), deadline, (message) =>
      message.data === '2' ? last : 'closing',
    )
    deadline.close()
    await settled()
    expect(clock.pending).toBe(0)
  }
})

test('rule 6: an event between bare CRs is heard at once, while the socket stays open', async () => {
  const { response, write, breakOff } = open()
  const heard: string[] = []
  const reading = readSse(response, createDeadline(createManualClock()), (message) => {
    heard.push(message.data)
    return 'more'
  })
  const pieces = ['data: 1\r\r', 'data: 2\r', '\r', 'data: 3\r\n\r', '\ndata: 4\n\n']
  const heardThen: number[] = []
  for (const piece of pieces) {
    write(piece)
    await settled()
    heardThen.push(heard.length)
  }
  expect(heardThen).toEqual([1, 1, 2, 3, 4])
  expect(heard).toEqual(['1', '2', '3', '4'])
  breakOff()
  await expect(reading).rejects.toMatchObject({ code: 'interrupted' })
})

test('an event with empty data says nothing, and is no sign of life', async () => {
  const clock = createManualClock()
  const { response, write } = open()
  const deadline = createDeadline(clock, { idleMs: 1_000 })
  const heard: string[] = []
  const reading = readSse(response, deadline, (message) => {
    heard.push(message.data)
    return 'more'
  })
  write('data:\n\ndata: 1\n\n')
  await settled()
  clock.advance(600)
  write('event: ping\ndata: \n\n')
  await settled()
  clock.advance(600)
  await expect(reading).rejects.toMatchObject({ code: 'timeout' })
  expect(heard).toEqual(['1'])
})
