/** The socket of a call. There is none when the emulator is called as a function. */
export interface Connection {
  /** Resets the connection after everything written was sent. */
  reset(): void
  /** Closes the connection in the middle of an answer, after everything written was sent. */
  drop(): void
  /** Closes the server and every connection, and listens on the same port again after `downMs`. */
  restart(downMs: number): void
}
