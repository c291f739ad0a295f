/** Hears what someone writes, a message at a time. */
export interface LineReader {
  /** undefined at the end: Ctrl-D, Ctrl-C on an empty line, or no more input. */
  read(): Promise<string | undefined>
  /** What is being read ends now, and nothing more is read. */
  close(): void
}
