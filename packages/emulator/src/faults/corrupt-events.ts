// Makes broken events from the events that are about to be sent.

import { parseObject } from '../json.ts'
import type { Fields } from '../json.ts'

const dataLine = /^(data: )([^\r\n]*)(\r\n|\r|\n)/m

/** Cuts an event's JSON in half. */
export function truncateEvent(event: Uint8Array): Uint8Array {
  return replaceData(event, (data) => data.slice(0, Math.ceil(data.length / 2)))
}

/** Changes the beginning of a snapshot's text. An event that is no snapshot is not changed. */
export function rewriteEvent(event: Uint8Array): Uint8Array {
  return replaceJson(event, (json) => {
    if (typeof json['output'] !== 'string') return json
    return { ...json, output: `On second thought: ${json['output']}` }
  })
}

/**
 * Turns an event into one that reports an error, in the format of its stream.
 *
 * @param last The event before, whose text the error repeats.
 */
export function toErrorEvent(
  event: Uint8Array,
  last: Uint8Array | undefined,
  message: string,
): Uint8Array {
  return replaceJson(event, (json) => {
    if (!('choices' in json)) {
      const output = readJson(last)?.['output'] ?? ''
      return { output, partial: false, error: message }
    }
    const { usage: _usage, ...chunk } = json
    const choices = [{ index: 0, delta: { content: '' }, finish_reason: 'error' }]
    return { ...chunk, error: { code: 'server_error', message }, choices }
  })
}

function replaceJson(event: Uint8Array, change: (json: Fields) => unknown): Uint8Array {
  return replaceData(event, (data) => {
    const json = parseObject(data)
    return json ? JSON.stringify(change(json)) : data
  })
}

function replaceData(event: Uint8Array, change: (data: string) => string): Uint8Array {
  const text = new TextDecoder().decode(event)
  const changed = text.replace(
    dataLine,
    (_line, name: string, data: string, end: string) => name + change(data) + end,
  )
  return new TextEncoder().encode(changed)
}

function readJson(event: Uint8Array | undefined): Fields | undefined {
  const [, , data = ''] = dataLine.exec(new TextDecoder().decode(event)) ?? []
  return parseObject(data)
}
