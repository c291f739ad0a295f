// One readline per message: while an answer is written the terminal is in its ordinary mode, so Ctrl-C is a signal, and
// what is typed meanwhile is there for the next message.

import { createInterface } from 'node:readline'
import type { Completer, Interface } from 'node:readline'
import type { LineReader } from './line-reader.ts'

/** A terminal, and what it says. */
export interface TerminalReaderOptions {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** What stands before the first line of a message, and before the others. */
  readonly prompt: string
  readonly morePrompt: string
  /** Earlier messages, the newest first. */
  readonly earlier: readonly string[]
  readonly complete: Completer
}

/**
 * Reads messages from a terminal, with editing, history and completion. A line that ends with a backslash goes on, and
 * lines that are pasted together are one message.
 */
export function createTerminalReader(options: TerminalReaderOptions): LineReader {
  let history = [...options.earlier]
  let current: Interface | undefined
  let closed = false

  const read = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      // Ctrl-C may come between two messages.
      if (closed) return resolve(undefined)
      const { input, output, complete: completer, prompt } = options
      const line = createInterface({
        input,
        output,
        completer,
        prompt,
        history,
        terminal: true,
        removeHistoryDuplicates: true,
      })
      const lines: string[] = []
      current = line
      const end = (message: string | undefined): void => {
        current = undefined
        resolve(message)
        line.close()
      }
      const endUnlessMore = (): void => {
        // The last line of a paste waits for Enter.
        if (current === line && line.line === '') end(lines.join('\n'))
      }
      line.on('history', (entries) => {
        history = entries
      })
      line.on('line', (text) => {
        const goesOn = text.endsWith('\\')
        lines.push(goesOn ? text.slice(0, -1) : text)
        if (!goesOn) return setImmediate(endUnlessMore)
        line.setPrompt(options.morePrompt)
        line.prompt()
      })
      line.on('SIGINT', () => {
        output.write('\n')
        if (line.line === '' && lines.length === 0) return end(undefined)
        lines.length = 0
        line.setPrompt(prompt)
        // Ctrl-U: what was typed is forgotten.
        line.write(null, { ctrl: true, name: 'e' })
        line.write(null, { ctrl: true, name: 'u' })
      })
      line.on('close', () => {
        if (current !== line) return
        output.write('\n')
        end(undefined)
      })
      line.prompt()
    })
  return {
    read,
    close() {
      closed = true
      current?.close()
    },
  }
}
