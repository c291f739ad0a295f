// Publishes each call on a tracing channel of node:diagnostics_channel, for OpenTelemetry and the like. Nothing is loaded
// for it, and without subscribers nothing is done.

import type { Channel } from 'node:diagnostics_channel'
import type { FinishedCall, ProxyCall } from './call-record.ts'

/**
 * The message of the tracing channel "fal-llm.proxy". All events of one call carry the same object, so that a subscriber
 * can find the span of a call by it.
 */
export interface ProxyTrace {
  readonly call: ProxyCall
  /** Set when `asyncEnd` is published. */
  finished?: FinishedCall
  /** Set when `error` is published: what one of the host's functions, or the call to fal, failed with. */
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

/** Whether anybody subscribed. */
export function isTraced(): boolean {
  return channels?.some((channel) => channel.hasSubscribers) ?? false
}

/** Opens the trace of a call; without subscribers it does nothing. */
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

// The module is not imported: an edge runtime may not have it, and its bundler would fail on the name.
function loadChannels(): Channels | undefined {
  // Node's types leave out that other runtimes have no `process`, and older ones no `getBuiltinModule`.
  const { getBuiltinModule } = (globalThis.process ?? {}) as Partial<typeof process>
  const channel = getBuiltinModule?.('node:diagnostics_channel')?.channel
  if (!channel) return undefined
  const open = (event: string): Channel => channel(`tracing:fal-llm.proxy:${event}`)
  return [open('start'), open('error'), open('asyncEnd')]
}
