/** A piece of the screen's state: read it, or subscribe to its changes. It is also a Svelte store. */
export interface ViewStore<State> {
  getState(): State
  /** Calls the listener at once and after each change. Returns the unsubscribe. */
  subscribe(listener: (state: State) => void): () => void
}

/** A store whose owner may change it. */
export interface WritableViewStore<State> extends ViewStore<State> {
  /** Changes nothing, and calls no listener, when the state is the same. */
  set(state: State): void
}

/** Makes a store. */
export function createViewStore<State>(initial: State): WritableViewStore<State> {
  const listeners = new Set<(state: State) => void>()
  let state = initial
  return {
    getState: () => state,
    subscribe(listener) {
      // The same function may listen twice: each has its own unsubscribe.
      const own = (next: State) => listener(next)
      listeners.add(own)
      own(state)
      return () => void listeners.delete(own)
    },
    set(next) {
      if (Object.is(next, state)) return
      state = next
      for (const listener of listeners) listener(state)
    },
  }
}
