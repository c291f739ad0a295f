import fc from 'fast-check'
import { settled } from '@fal-llm/testkit/settled'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { collectBytes } from './body.ts'

interface Source {
  readonly body: ReadableStream<Uint8Array>
  readonly pulled: () => number
  readonly isCancelled: () => boolean
}

/** A stream of the given pieces, all handed out in one buffer that is written over each time. */
function streamOf(
  pieces: readonly Uint8Array[],
  end: 'close' | 'stall' | 'break' = 'close',
): Source {
  const shared = new Uint8Array(Math.max(1, ...pieces.map(({ length }) => length)))
  let pulled = 0
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[pulled]
        if (piece) {
          pulled += 1
          shared.set(piece)
          return controller.enqueue(shared.subarray(0, piece.length))
        }
        if (end === 'close') return controller.close()
        if (end === 'break') return controller.error(new Error('reset'))
        return new Promise<void>(() => {})
      },
      cancel() {
        isCancelled = true
        // A source that never finishes to be cancelled must hold nobody up.
        return new Promise<void>(() => {})
      },
    },
    { highWaterMark: 0 },
  )
  return { body, pulled: () => pulled, isCancelled: () => isCancelled }
}

describe('collectBytes', () => {
  it('gives back what came, whatever its pieces and whatever length was announced', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(300), fc.nat(300), async (parts, expectedBytes, maxBytes) => {
        const whole = Buffer.concat(parts)
        const got = await collectBytes(streamOf(parts).body, { maxBytes, expectedBytes })
        if (expectedBytes > maxBytes || whole.length > maxBytes) expect(got).toBe('too-large')
        else expect(Buffer.from(got as Uint8Array).equals(whole)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('holds a body of announced length once: in one buffer of just that length', async () => {
    const parts = Array.from({ length: 16 }, (_, i) => new Uint8Array(1_024).fill(i))
    const { body } = streamOf(parts)
    const got = await collectBytes(body, { maxBytes: 1_048_576, expectedBytes: 16_384 })
    expect((got as Uint8Array).buffer.byteLength).toBe(16_384)
  })

  it('holds at most twice what came when nothing was announced', async () => {
    const parts = Array.from({ length: 1_000 }, () => new Uint8Array(100))
    const got = await collectBytes(streamOf(parts).body, { maxBytes: 1_048_576 })
    const { byteLength } = (got as Uint8Array).buffer
    expect(byteLength).toBeLessThanOrEqual(200_000)
    // It grows by doubling: with a copy for each piece it would be exactly what came.
    expect(byteLength).toBeGreaterThan(100_000)
  })

  it('reads nothing of a body that is announced as too large', async () => {
    const source = streamOf([new Uint8Array(1)])
    expect(await collectBytes(source.body, { maxBytes: 10, expectedBytes: 11 })).toBe('too-large')
    expect([source.pulled(), source.body.locked]).toEqual([0, false])
  })

  it('cancels a body at the first piece over the limit', async () => {
    const source = streamOf(Array.from({ length: 100 }, () => new Uint8Array(10)))
    expect(await collectBytes(source.body, { maxBytes: 25 })).toBe('too-large')
    expect([source.pulled(), source.isCancelled()]).toEqual([3, true])
  })

  it('gives up on a body that stands still, even where it cannot be cancelled', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const source = streamOf([new Uint8Array(10)], 'stall')
    const reading = collectBytes(source.body, { maxBytes: 100, timeoutMs: 5_000 })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(source.isCancelled()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await reading).toBe('too-slow')
    expect(source.isCancelled()).toBe(true)
  })

  it('waits as long as a timer can for a limit that is longer', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const source = streamOf([], 'stall')
    void collectBytes(source.body, { maxBytes: 100, timeoutMs: 2 ** 31 })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(source.isCancelled()).toBe(false)
  })

  it('is harmed by no source that fails to be cancelled', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => Promise.reject(new Error('the socket is gone')),
    })
    expect(await collectBytes(body, { maxBytes: 5 })).toBe('too-large')
    // A rejection nobody handles would be seen by now, and fail this run.
    await settled()
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    await collectBytes(streamOf([new Uint8Array(10)]).body, { maxBytes: 100, timeoutMs: 5_000 })
    await collectBytes(streamOf([new Uint8Array(10)]).body, { maxBytes: 5, timeoutMs: 5_000 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('fails with what the body failed with', async () => {
    const { body } = streamOf([new Uint8Array(10)], 'break')
    await expect(collectBytes(body, { maxBytes: 100 })).rejects.toThrow('reset')
  })

  it('takes no body for an empty one', async () => {
    expect(await collectBytes(null, { maxBytes: 100, expectedBytes: 50 })).toEqual(new Uint8Array())
  })
})
