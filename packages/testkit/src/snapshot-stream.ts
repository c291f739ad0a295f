/** How a stream of snapshots is written: fal's own way is CRLF with an event name. */
export interface SnapshotFraming {
  readonly lineEnd?: '\n' | '\r\n' | '\r'
  readonly eventName?: boolean
}

/** Writes one event the way fal does. */
export function snapshotFrame(
  snapshot: object,
  { lineEnd = '\r\n', eventName = true }: SnapshotFraming = {},
): string {
  const name = eventName ? `event: event${lineEnd}` : ''
  return `${name}data: ${JSON.stringify(snapshot)}${lineEnd}${lineEnd}`
}

/** Writes a whole stream: one event per text so far, then the end marker. */
export function snapshotStream(
  texts: readonly string[],
  framing: SnapshotFraming = {},
  last: object = {},
): string {
  const frames = texts.map((output) =>
    snapshotFrame({ output, partial: true, error: null }, framing),
  )
  const output = texts.at(-1) ?? ''
  const end = snapshotFrame({ output, partial: false, error: null, ...last }, framing)
  return [...frames, end].join('')
}
