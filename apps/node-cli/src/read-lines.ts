import { createInterface } from 'node:readline'
import type { Completer, Interface } from 'node:readline'

/** Reads what a person types, a message at a time. */
export interface LineReader {
  /** undefined at the end: Ctrl-D, Ctrl-C on an empty line, or no more input. */
  read(): Promise<string | undefined>
  /** Ends what is being read, and all reading. */
  close(): void
}

/** Reads messages from a pipe or a file: each line is one. */
export function createStreamReader(input: NodeJS.ReadableStream): LineReader {
  const lines = createInterface({ input, crlfDelay: Infinity })
  const iterator = lines[Symbol.asyncIterator]()
  let isClosed = false
  return {
    async read() {
      const { value, done } = await iterator.next()
      return done || isClosed ? undefined : value
    },
    close() {
      isClosed = true
      lines.close()
    },
  }
}

/** A terminal, and what is shown in it. */
export interface TerminalReaderOptions {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** Stands before the first line of a message. */
  readonly prompt: string
  /** Stands before its other lines. */
  readonly morePrompt: string
  /** Earlier messages, the newest first. */
  readonly earlier: readonly string[]
  readonly complete: Completer
}

/**
 * Reads messages from a terminal, with editing, history and completion. A line that ends with a backslash continues on the
 * next one, and lines that are pasted together are one message.
 *
 * Each message has a readline of its own: while an answer is written the terminal is in its ordinary mode, so Ctrl-C is a
 * signal, and what is typed meanwhile is there for the next message.
 */
export function createTerminalReader(options: TerminalReaderOptions): LineReader {
  const { input, output, prompt, morePrompt, complete: completer } = options
  let history = [...options.earlier]
  let current: Interface | undefined
  let isClosed = false

  const readMessage = (resolve: (message: string | undefined) => void): void => {
    const removeHistoryDuplicates = true
    const terminal = true
    const line = createInterface({
      input,
      output,
      completer,
      prompt,
      history,
      terminal,
      removeHistoryDuplicates,
    })
    const lines: string[] = []
    current = line
    const end = (message: string | undefined): void => {
      current = undefined
      resolve(message)
      line.close()
    }
    line.on('history', (entries) => (history = entries))
    line.on('line', (text) => {
      const continues = text.endsWith('\\')
      lines.push(continues ? text.slice(0, -1) : text)
      if (continues) {
        line.setPrompt(morePrompt)
        return line.prompt()
      }
      setImmediate(() => {
        // The last line of a paste has no Enter yet.
        if (current === line && line.line === '') end(lines.join('\n'))
      })
    })
    line.on('SIGINT', () => {
      output.write('\n')
      if (line.line === '' && lines.length === 0) return end(undefined)
      lines.length = 0
      line.setPrompt(prompt)
      // Ctrl-E and Ctrl-U delete what was typed.
      for (const name of ['e', 'u']) line.write(null, { ctrl: true, name })
    })
    line.on('close', () => {
      if (current !== line) return
      output.write('\n')
      end(undefined)
    })
    line.prompt()
  }
  return {
    // Ctrl-C may come between two messages.
    read: () => (isClosed ? Promise.resolve(undefined) : new Promise(readMessage)),
    close() {
      isClosed = true
      current?.close()
    },
  }
}
