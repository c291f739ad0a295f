// The bytes of an answer, made before anything is measured. fal's way: an event name, CRLF, the whole text so far in
// every event, the last one with `partial: false`.

/** An answer and how it goes over the wire. */
export interface Wire {
  /** What a reader must have in the end. */
  readonly text: string
  readonly events: number
  readonly byteLength: number
  /** The bytes of an event, from 0; the buffer is used again after a few more. */
  frame(index: number): Uint8Array<ArrayBuffer>
}

/** What an answer is made of. */
export type WireKind = 'snapshots' | 'deltas' | 'one big event' | 'many events'

const wires = new Map<string, Wire>()

/** An answer of some kind; made once. */
export function wireFor(kind: WireKind, tokens: number): Wire {
  const key = `${kind} ${tokens}`
  const wire = wires.get(key) ?? makers[kind](tokens)
  wires.set(key, wire)
  return wire
}

const makers: Record<WireKind, (tokens: number) => Wire> = {
  snapshots: (tokens) => snapshotWire(answerTokens(tokens)),
  deltas: (tokens) => deltaWire(answerTokens(tokens)),
  'one big event': bigEvent,
  'many events': manyEvents,
}

/** Words, punctuation, line ends, quotes, letters beyond ASCII: 4.2 bytes each on average. */
export function answerTokens(count: number): readonly string[] {
  const words = [
    'the ',
    'word',
    's of ',
    'an an',
    'swer ',
    'grow',
    ', one',
    ' by ',
    'one',
    '.\n',
    '"é" ',
    ' 🌊',
  ]
  return Array.from({ length: count }, (_, index) => words[(index * 7 + (index >> 4)) % 12] ?? '')
}

/** An answer in snapshots. */
function snapshotWire(tokens: readonly string[]): Wire {
  const encoder = new TextEncoder()
  const head = encoder.encode('event: event\r\ndata: {"output":"')
  const more = encoder.encode('","partial":true,"error":null}\r\n\r\n')
  const last = encoder.encode('","partial":false,"error":null}\r\n\r\n')
  const pieces = tokens.map((token) => encoder.encode(JSON.stringify(token).slice(1, -1)))
  const ends: number[] = []
  let length = 0
  for (const piece of pieces) ends.push((length += piece.length))
  const escaped = Buffer.concat(pieces)
  // Read in one go or not at all: a few buffers are enough, and a stream of 835 MB fits in memory.
  const ring = Array.from({ length: 4 }, () => {
    const bytes = new Uint8Array(head.length + escaped.length + last.length)
    bytes.set(head)
    return bytes
  })
  const sum = ends.reduce((total, end) => total + head.length + end + more.length, 0)
  return {
    text: tokens.join(''),
    events: tokens.length,
    byteLength: sum + last.length - more.length,
    frame(index) {
      const bytes = ring[index % ring.length] ?? new Uint8Array()
      const end = ends[index] ?? 0
      const tail = index === tokens.length - 1 ? last : more
      bytes.set(escaped.subarray(0, end), head.length)
      bytes.set(tail, head.length + end)
      return bytes.subarray(0, head.length + end + tail.length)
    },
  }
}

/** An answer in OpenAI's deltas. */
function deltaWire(tokens: readonly string[]): Wire {
  const encoder = new TextEncoder()
  const chunk = (delta: object, finish_reason: string | null): string =>
    `data: ${JSON.stringify({
      id: 'gen-1',
      object: 'chat.completion.chunk',
      created: 1_760_000_000,
      model: 'bench/model',
      choices: [{ index: 0, delta, finish_reason }],
    })}\n\n`
  const frames = tokens.map((content) =>
    encoder.encode(chunk({ role: 'assistant', content }, null)),
  )
  frames.push(encoder.encode(`${chunk({}, 'stop')}data: [DONE]\n\n`))
  return wireOf(tokens.join(''), frames)
}

/** One event of a MiB, in reads of 64 bytes. */
function bigEvent(): Wire {
  const text = 'The answer, "quoted" and é. '.repeat(37_450)
  const event = JSON.stringify({ output: text, partial: false, error: null })
  const bytes = new TextEncoder().encode(`event: event\r\ndata: ${event}\r\n\r\n`)
  const reads = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, index) =>
    bytes.subarray(index * 64, index * 64 + 64),
  )
  return wireOf(text, reads)
}

/** Many small events in one read, most of them repeating the one before, as fal's do. */
function manyEvents(count: number): Wire {
  const events = Array.from({ length: count }, (_, index) => {
    const output = 'x'.repeat(1 + (index * 100) / count)
    const event = JSON.stringify({ output, partial: index < count - 1, error: null })
    return `event: event\r\ndata: ${event}\r\n\r\n`
  })
  return wireOf('x'.repeat(100), [new TextEncoder().encode(events.join(''))])
}

/** An answer whose pieces are known. */
function wireOf(text: string, frames: readonly Uint8Array<ArrayBuffer>[]): Wire {
  return {
    text,
    events: frames.length,
    byteLength: frames.reduce((sum, { length }) => sum + length, 0),
    frame: (index) => frames[index] ?? new Uint8Array(),
  }
}

/** A response without a socket: one event per read. */
export function responseOf(wire: Wire): Response {
  let index = 0
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (index === wire.events) controller.close()
        else controller.enqueue(wire.frame(index++))
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}
