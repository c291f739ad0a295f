import type { GenerationEvent, GenerationResult } from '../events.ts'

type Listener = (event: GenerationEvent) => void

/**
 * Where a run of ours takes a listener, so that a chat needs no promise per event.
 * A WeakMap beside the runs would keep each of them, and its words, until the next full collection.
 */
export const onEvent: unique symbol = Symbol('onEvent')

/** What a run of ours has besides. */
export interface Subscribable {
  /** Tells the listener of each event, from the start. */
  readonly [onEvent]: (listener: Listener) => void
}

/** A run, whoever made it: its events, and what they come to. */
type AnyRun = AsyncIterable<GenerationEvent> & PromiseLike<GenerationResult>

/**
 * Tells a listener, which must not throw, of each event from the start and as it happens; resolves or rejects as the
 * run does. A run of somebody else's making is iterated.
 */
export async function subscribeToRun(run: AnyRun, listener: Listener): Promise<GenerationResult> {
  if (isSubscribable(run)) run[onEvent](listener)
  else for await (const event of run) listener(event)
  return run
}

function isSubscribable(run: AnyRun): run is AnyRun & Subscribable {
  return onEvent in run
}
