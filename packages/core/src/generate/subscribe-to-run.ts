import type { GenerationEvent, GenerationResult } from '../events.ts'

type Listener = (event: GenerationEvent) => void

/**
 * Where a run of ours takes a listener, so that a chat needs no promise per event.
 * A WeakMap beside the runs would keep each of them, and its words, until the next full collection.
 */
export const tap: unique symbol = Symbol('tap')

/** What a run of ours has besides. */
export interface Tapped {
  /** Tells the listener of each event, from the start. */
  readonly [tap]: (listener: Listener) => void
}

/** A run, whoever made it: its events, and what they come to. */
type AnyRun = AsyncIterable<GenerationEvent> & PromiseLike<GenerationResult>

/**
 * Tells a listener, which must not throw, of each event from the start and as it happens; resolves or rejects as the
 * run does. A run of somebody else's making is iterated.
 */
export async function hearRun(run: AnyRun, listener: Listener): Promise<GenerationResult> {
  if (isTapped(run)) run[tap](listener)
  else for await (const event of run) listener(event)
  return run
}

function isTapped(run: AnyRun): run is AnyRun & Tapped {
  return tap in run
}
