/** What only a socket can do; there is none when an emulator is called as a function. */
export interface Connection {
  /** Resets the connection once what was written has left. */
  reset(): void
  /** Closes the connection once what was written has left, in the middle of an answer. */
  drop(): void
  /** Closes the server, every connection with it, and opens it again on the same port. */
  restart(downMs: number): void
}
