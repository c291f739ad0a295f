// What goes over the wire of the proxy's table.

/** The body of a stream's request. */
export interface WantedStream {
  readonly events: number
  /** Milliseconds between two events; 0: as fast as the socket takes them. */
  readonly everyMs: number
  /** Events that carry the moment of their writing, by `machineMs`. */
  readonly stamped?: boolean
}

/** The route of every proxy. */
export const proxyPath = '/api/fal/proxy'
/** The URL of a run; a stream's ends in `/stream`. */
export const runUrl = 'https://fal.run/openrouter/router'
/** What a run answers. */
export const answer: string = JSON.stringify({ output: 'Hello', partial: false, error: null })

/** An event of a stream, numbered from 1. */
export function eventOf(index: number, last: number): string {
  return `event: event\r\ndata: {"output":"word ${index}","partial":${index < last}}\r\n\r\n`
}

/** A URL of fal's, at the scripted fal. */
export function toFal(fal: string, url: string): string {
  return url.replace('https://', `${fal}/`)
}
