import type { GenerationEvent, GenerationResult } from '../events.ts'
import type { GenerationRun } from './run.ts'

type Listener = (event: GenerationEvent) => void

/**
 * Where a run of ours takes a listener, so that a chat needs no promise per event.
 * A WeakMap beside the runs would keep each of them, and its words, until the next full collection.
 */
export const tap: unique symbol = Symbol('tap')

/** A run that can be listened to. */
export interface TappedRun extends GenerationRun {
  /** Tells the listener of each event, from the start. */
  readonly [tap]: (listener: Listener) => void
}

/**
 * Tells a listener, which must not throw, of each event from the start and as it happens; resolves or rejects as the
 * run does. A run of somebody else's making is iterated.
 */
export async function hearRun(run: GenerationRun, listener: Listener): Promise<GenerationResult> {
  if (isTapped(run)) run[tap](listener)
  else for await (const event of run) listener(event)
  return run
}

function isTapped(run: GenerationRun): run is TappedRun {
  return tap in run
}
