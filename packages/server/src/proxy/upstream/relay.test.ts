import { describe, expect, it, vi } from 'vitest'
import { relay } from './relay.ts'
import { createReplacements } from './replacements.ts'
import { openUpstreamConnection } from './upstream-connection.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A body of these pieces; it breaks where one is an error. */
function bodyOf(
  pieces: readonly (string | Error)[],
  cancel = (): void => {},
): ReadableStream<Bytes> {
  const left = [...pieces]
  return new ReadableStream<Bytes>(
    {
      pull(controller) {
        const piece = left.shift()
        if (piece === undefined) controller.close()
        else if (typeof piece === 'string') controller.enqueue(new TextEncoder().encode(piece))
        else controller.error(piece)
      },
      cancel,
    },
    { highWaterMark: 0 },
  )
}

function relayed(body: ReadableStream<Bytes>): ReadableStream<Bytes> {
  const connection = openUpstreamConnection(new AbortController().signal, {
    idleTimeoutMs: 0,
    maxStreamMs: 0,
  })
  return relay(body, connection, createReplacements([['secret', '*']]), {
    maxBytes: Infinity,
    onRead: () => {},
    readsAhead: false,
  })
}

/** The two ways a server empties a stream: with a reader, or by piping it, as Next does. */
const ways: Readonly<Record<string, (stream: ReadableStream<Bytes>) => Promise<string[]>>> = {
  'takes a reader': async (stream) => {
    const reader = stream.getReader()
    const pieces: string[] = []
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return pieces
      pieces.push(new TextDecoder().decode(value))
    }
  },
  pipes: async (stream) => {
    const pieces: string[] = []
    const write = (piece: Bytes): void => void pieces.push(new TextDecoder().decode(piece))
    await stream.pipeTo(new WritableStream({ write }))
    return pieces
  },
  iterates: async (stream) => {
    const pieces: string[] = []
    for await (const piece of stream) pieces.push(new TextDecoder().decode(piece))
    return pieces
  },
}

describe.each(Object.entries(ways))('whoever %s', (_way, empty) => {
  it('gets each piece, with what is replaced replaced', async () => {
    const pieces = ['one', 'a sec', 'ret b', 'two s']
    expect(await empty(relayed(bodyOf(pieces)))).toEqual(['one', 'a ', '* b', 'two ', 's'])
  })

  it('gets an error for a body that breaks off', async () => {
    const stream = relayed(bodyOf(['one', new Error('with details')]))
    await expect(empty(stream)).rejects.toThrow('fal proxy: the answer broke off')
  })
})

it.each(['stream', 'reader'])('stops fal when the %s is cancelled', async (what) => {
  const cancelled = vi.fn<() => void>()
  const stream = relayed(bodyOf(['one', 'two'], cancelled))
  const reader = what === 'reader' ? stream.getReader() : stream
  await reader.cancel()
  expect(cancelled).toHaveBeenCalledOnce()
})

it('has one reader at most', () => {
  const stream = relayed(bodyOf(['one']))
  stream.getReader()
  expect(() => stream.getReader()).toThrow(TypeError)
})

it('settles `closed` with how the body ended', async () => {
  const whole = relayed(bodyOf([])).getReader()
  await whole.read()
  await expect(whole.closed).resolves.toBeUndefined()
  const broken = relayed(bodyOf([new Error('x')])).getReader()
  await expect(broken.read()).rejects.toThrow()
  await expect(broken.closed).rejects.toThrow('the answer broke off')
})

it('ends quietly for a reader that was cancelled while it read', async () => {
  const reader = relayed(
    new ReadableStream<Bytes>({ pull: () => new Promise(() => {}) }),
  ).getReader()
  const read = reader.read()
  await reader.cancel()
  expect(await read).toMatchObject({ done: true })
  await expect(reader.closed).resolves.toBeUndefined()
})
