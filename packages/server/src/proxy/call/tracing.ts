// The call as a tracing channel of node:diagnostics_channel, for OpenTelemetry and the like: nothing is loaded, and
// nothing is done unless somebody listens.

import type { Channel } from 'node:diagnostics_channel'
import type { FinishedCall, ProxyCall } from './call-record.ts'

/**
 * What subscribers of the tracing channel "fal-llm.proxy" get: the same object at `start`, `asyncEnd` and `error`, so that
 * a span can be kept under it.
 */
export interface ProxyTrace {
  readonly call: ProxyCall
  /** From `asyncEnd` on. */
  finished?: FinishedCall
  /** From `error` on: what a part of the server or the way to fal failed with. */
  error?: unknown
}

/** The trace of one call. */
export interface Trace {
  /** Runs the call in the context that subscribers bind to its start. */
  run<Result>(work: () => Result): Result
  error(error: unknown): void
  end(finished: FinishedCall): void
}

const silent: Trace = { run: (work) => work(), error() {}, end() {} }
const channels = loadChannels()

/** Whether anybody listens. Never throws. */
export function isTraced(): boolean {
  return channels?.some((channel) => channel.hasSubscribers) ?? false
}

/** Opens the trace of a call. Never throws. */
export function openTrace(call: ProxyCall): Trace {
  if (!channels || !isTraced()) return silent
  const [start, failed, asyncEnd] = channels
  const trace: ProxyTrace = { call }
  return {
    run: (work) => start.runStores(trace, work),
    error(error) {
      trace.error = error
      failed.publish(trace)
    },
    end(finished) {
      trace.finished = finished
      asyncEnd.publish(trace)
    },
  }
}

type Channels = readonly [start: Channel, error: Channel, asyncEnd: Channel]

// Not imported: an edge runtime may have no such module, and a bundler for one would stop at its name.
function loadChannels(): Channels | undefined {
  // Node's types do not know that there may be no process, or an older one.
  const { getBuiltinModule } = (globalThis.process ?? {}) as Partial<typeof process>
  const channel = getBuiltinModule?.('node:diagnostics_channel')?.channel
  if (!channel) return undefined
  const open = (event: string): Channel => channel(`tracing:fal-llm.proxy:${event}`)
  return [open('start'), open('error'), open('asyncEnd')]
}
