// Faults of a body on its way from the handler to the socket. The emulator writes every event in a chunk of its own,
// so a chunk is an event here. Only `split` and `drip` change that, and they should be the last of several.

import { wait } from '../clock.ts'
import type { Clock } from '../clock.ts'
import type { Connection } from './connection.ts'
import { toErrorEvent, truncateEvent, rewriteEvent } from './corrupt-events.ts'
import type { Fault, FaultPosition } from './fault.ts'
import { transformBody } from './transform-body.ts'
import type { BodyTransform } from './transform-body.ts'

/** What faults need besides the body. */
export interface BreakingTools {
  readonly clock: Clock
  readonly connection: Connection | undefined
}

/** Applies a fault to the body of a response. A fault that does not concern the body changes nothing. */
export function breakBody(response: Response, fault: Fault, tools: BreakingTools): Response {
  const transform = toTransform(fault, tools)
  return transform ? transformBody(response, transform) : response
}

function toTransform(
  fault: Fault,
  { clock, connection }: BreakingTools,
): BodyTransform | undefined {
  switch (fault.type) {
    case 'stall':
      return untilPosition(fault, waitForever)
    case 'cut':
      return untilPosition(fault, async (signal) => {
        const { how = 'clean' } = fault
        if (how === 'clean') return
        if (!connection) throw new Error('The connection was cut')
        connection[how]()
        await waitForever(signal)
      })
    case 'split':
      return splitAt(fault.offsets)
    case 'drip':
      return drip(clock, fault.bytes ?? 1, fault.everyMs ?? 20)
    case 'error':
      return changeEvents(fault.afterEvents, (event, last) => ({
        event: toErrorEvent(event, last, fault.message ?? 'Provider returned error'),
        then: 'end',
      }))
    case 'malformed':
      return changeEvents(fault.afterEvents, (event) => ({
        event: truncateEvent(event),
        then: 'pass',
      }))
    case 'rewrite':
      return changeEvents(fault.afterEvents, (event) => ({
        event: rewriteEvent(event),
        then: 'change',
      }))
    default:
      return undefined
  }
}

/** Passes the body on up to a position, then calls `happen`. The body ends when that resolves. */
function untilPosition(
  { afterBytes = 0, afterEvents }: FaultPosition,
  happen: (signal: AbortSignal) => Promise<void>,
): BodyTransform {
  return async function* pass(chunks, signal) {
    let bytes = 0
    let events = 0
    if (afterEvents === 0 || (afterEvents === undefined && afterBytes === 0)) return happen(signal)
    for await (const chunk of chunks) {
      const left = afterEvents === undefined ? afterBytes - bytes : chunk.byteLength
      yield chunk.subarray(0, left)
      bytes += chunk.byteLength
      if (isEvent(chunk)) events += 1
      if (afterEvents === undefined ? bytes >= afterBytes : events >= afterEvents) {
        return happen(signal)
      }
    }
  }
}

interface Change {
  readonly event: Uint8Array
  /** What becomes of the events after this one. */
  readonly then: 'pass' | 'change' | 'end'
}

function changeEvents(
  afterEvents = 2,
  change: (event: Uint8Array, last: Uint8Array | undefined) => Change,
): BodyTransform {
  return async function* pass(chunks) {
    let events = 0
    let then: Change['then'] = 'change'
    let last: Uint8Array | undefined
    for await (const chunk of chunks) {
      if (!isEvent(chunk) || events < afterEvents || then === 'pass') {
        if (isEvent(chunk)) events += 1
        last = chunk
        yield chunk
        continue
      }
      const changed = change(chunk, last)
      then = changed.then
      yield changed.event
      if (then === 'end') return
    }
  }
}

function splitAt(offsets: readonly number[] | undefined): BodyTransform {
  const cuts = offsets && new Set(offsets)
  return async function* pass(chunks) {
    let position = 0
    for await (const chunk of chunks) {
      let from = 0
      for (let to = 1; to <= chunk.byteLength; to++) {
        if (to < chunk.byteLength && cuts && !cuts.has(position + to)) continue
        yield chunk.subarray(from, to)
        from = to
      }
      position += chunk.byteLength
    }
  }
}

function drip(clock: Clock, bytes: number, everyMs: number): BodyTransform {
  return async function* pass(chunks, signal) {
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.byteLength; from += bytes) {
        yield chunk.subarray(from, from + bytes)
        await wait(clock, everyMs, signal)
      }
    }
  }
}

function isEvent(chunk: Uint8Array): boolean {
  return /^data:/m.test(new TextDecoder().decode(chunk))
}

/** Rejects when the signal is aborted, and never resolves. */
export function waitForever(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
