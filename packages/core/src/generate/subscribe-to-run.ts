import type { GenerationEvent, GenerationResult } from '../events.ts'

type Listener = (event: GenerationEvent) => void

/**
 * The key under which a run of ours takes a listener: a chat then needs no promise per event.
 * A WeakMap from runs to listeners would keep each run, with its text, until the next full collection.
 */
export const onEvent: unique symbol = Symbol('onEvent')

/** A run that takes listeners. */
export interface Subscribable {
  /** Tells the listener of each event, from the start. */
  readonly [onEvent]: (listener: Listener) => void
}

/** A run, whoever made it: its events, and what they come to. */
type AnyRun = AsyncIterable<GenerationEvent> & PromiseLike<GenerationResult>

/**
 * Calls the listener with each event of a run, from the first on. The listener must not throw. Resolves or rejects as the
 * run does. A run that takes no listeners, because somebody else made it, is iterated.
 */
export async function subscribeToRun(run: AnyRun, listener: Listener): Promise<GenerationResult> {
  if (isSubscribable(run)) run[onEvent](listener)
  else for await (const event of run) listener(event)
  return run
}

function isSubscribable(run: AnyRun): run is AnyRun & Subscribable {
  return onEvent in run
}
