// The bytes of an answer, made before anything is measured. fal's way: an event name, CRLF, the whole text so far in
// every event, the last one with `partial: false`.

/** An answer and its bytes. */
export interface Wire {
  /** What a reader must have in the end. */
  readonly text: string
  readonly events: number
  readonly byteLength: number
  /** The bytes of an event, from 0. The buffer is used again after a few more. */
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
  snapshots: snapshotWire,
  deltas: deltaWire,
  'one big event': bigEvent,
  'many events': manyEvents,
}

const words = 'the |word|s of |an an|swer |grow|, one| by |one|.\n|"é" | 🌊'.split('|')

/** Words, punctuation, line ends, quotes, letters beyond ASCII: 4.2 bytes each on average. */
export function answerTokens(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => words[(index * 7 + (index >> 4)) % 12] ?? '')
}

const encoder = new TextEncoder()

function snapshotWire(count: number): Wire {
  const tokens = answerTokens(count)
  const head = encoder.encode('event: event\r\ndata: {"output":"')
  const more = encoder.encode('","partial":true,"error":null}\r\n\r\n')
  const last = encoder.encode('","partial":false,"error":null}\r\n\r\n')
  const pieces = tokens.map((token) => encoder.encode(JSON.stringify(token).slice(1, -1)))
  const ends: number[] = []
  let length = 0
  for (const piece of pieces) ends.push((length += piece.length))
  const escaped = Buffer.concat(pieces)
  // A few buffers in turn are enough, and a stream of 835 MB fits in memory.
  const ring = Array.from({ length: 4 }, () => {
    const bytes = new Uint8Array(head.length + escaped.length + last.length)
    bytes.set(head)
    return bytes
  })
  const sum = ends.reduce((total, end) => total + head.length + end + more.length, 0)
  return {
    text: tokens.join(''),
    events: count,
    byteLength: sum + last.length - more.length,
    frame(index) {
      const bytes = ring[index % ring.length] ?? new Uint8Array()
      const end = ends[index] ?? 0
      const tail = index === count - 1 ? last : more
      bytes.set(escaped.subarray(0, end), head.length)
      bytes.set(tail, head.length + end)
      return bytes.subarray(0, head.length + end + tail.length)
    },
  }
}

function deltaWire(count: number): Wire {
  const tokens = answerTokens(count)
  const chunk = (delta: object, finish_reason: string | null): string => {
    const choices = [{ index: 0, delta, finish_reason }]
    const ids = { id: 'gen-1', object: 'chat.completion.chunk', created: 1_760_000_000 }
    return `data: ${JSON.stringify({ ...ids, model: 'bench/model', choices })}\n\n`
  }
  const frames = tokens.map((content) => chunk({ role: 'assistant', content }, null))
  frames.push(`${chunk({}, 'stop')}data: [DONE]\n\n`)
  return wireOf(
    tokens.join(''),
    frames.map((frame) => encoder.encode(frame)),
  )
}

function snapshotFrame(output: string, partial: boolean): string {
  return `event: event\r\ndata: ${JSON.stringify({ output, partial, error: null })}\r\n\r\n`
}

/** One event of a MiB, in reads of 64 bytes. */
function bigEvent(): Wire {
  const text = 'The answer, "quoted" and é. '.repeat(37_450)
  const bytes = encoder.encode(snapshotFrame(text, false))
  const reads = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, index) =>
    bytes.subarray(index * 64, index * 64 + 64),
  )
  return wireOf(text, reads)
}

/** Many small events in one read. As with fal, most of them repeat the one before. */
function manyEvents(count: number): Wire {
  const events = Array.from({ length: count }, (_, index) =>
    snapshotFrame('x'.repeat(1 + (index * 100) / count), index < count - 1),
  )
  return wireOf('x'.repeat(100), [encoder.encode(events.join(''))])
}

function wireOf(text: string, frames: readonly Uint8Array<ArrayBuffer>[]): Wire {
  const byteLength = frames.reduce((sum, { length }) => sum + length, 0)
  return { text, events: frames.length, byteLength, frame: (at) => frames[at] ?? new Uint8Array() }
}

/** A response without a socket: one event per read. */
export function responseOf(wire: Wire): Response {
  let index = 0
  const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
    pull(controller) {
      if (index === wire.events) controller.close()
      else controller.enqueue(wire.frame(index++))
    },
  }
  const body = new ReadableStream(source, { highWaterMark: 0 })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}
