import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'

/** A running program, and what it has written. */
export interface RunningCli {
  readonly stdout: string
  readonly stderr: string
  /** Writes to its stdin. */
  type(text: string): void
  /** Its stdin is at its end. */
  end(): void
  kill(signal: NodeJS.Signals): void
  /** Stops reading its stdout, as `head` does. */
  stopReading(): void
  /** Resolves as soon as either stream holds it; rejects when the program ends without. */
  until(text: string): Promise<void>
  /** Its exit code, or the signal it died of. */
  readonly ended: Promise<unknown>
}

/** Begins to listen to a program. */
export function watchProgram(child: ChildProcessWithoutNullStreams): RunningCli {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A program that has gone does not read what is typed.
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => code ?? signal)
  const said = (text: string): boolean => stdout.includes(text) || stderr.includes(text)
  return {
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    ended,
    type: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    stopReading: () => void child.stdout.destroy(),
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (said(text)) resolve()
        }
        const refuse = (how: unknown): void => {
          reject(new Error(`It ended with ${how} before it said "${text}":\n${stdout}\n${stderr}`))
        }
        child.stdout.on('data', look)
        child.stderr.on('data', look)
        ended.then(refuse, refuse)
        look()
      }),
  }
}
