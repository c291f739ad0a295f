import { createInterface } from 'node:readline'
import type { LineReader } from './line-reader.ts'

/** Reads messages from a pipe or a file: each line is one. */
export function createStreamReader(input: NodeJS.ReadableStream): LineReader {
  const lines = createInterface({ input, crlfDelay: Infinity })
  const iterator = lines[Symbol.asyncIterator]()
  let closed = false
  return {
    async read() {
      const { value, done } = await iterator.next()
      return done || closed ? undefined : value
    },
    close() {
      closed = true
      lines.close()
    },
  }
}
