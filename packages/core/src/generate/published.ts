/** A state that screens read: of a chat, or of a completion. */
export interface Published<State> {
  /** The last published state; the same object until something is published. */
  getState(): State
  /** The first state, for rendering on a server and for hydration. */
  getServerState(): State
  /** Calls the listener at once and after each change. Returns the unsubscribe. */
  subscribe(listener: (state: State) => void): () => void
}
