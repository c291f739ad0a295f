import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A process that answers questions. */
export interface Child {
  ask<Answer>(question: object): Promise<Answer>
  stop(): void
}

type Reply = { readonly id: number; readonly answer?: unknown; readonly error?: string }

/** Starts a script of this folder that calls `serve`. */
export function startChild(script: string, execArgv: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  const child = fork(path, { execArgv: [...process.execArgv, ...execArgv] })
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  let asked = 0
  child.on('message', (message) => {
    // The other side is `serve` below.
    const { id, answer, error } = message as Reply
    const waiter = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) waiter?.resolve(answer)
    else waiter?.reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${script} ended with ${code}`))
  })
  return {
    ask<Answer>(question: object) {
      return new Promise<Answer>((resolve, reject) => {
        const id = asked++
        // Who asks knows what the script answers.
        waiting.set(id, { resolve: (answer) => resolve(answer as Answer), reject })
        child.send({ id, question })
      })
    },
    stop: () => void child.kill(),
  }
}

/** Answers the questions of the process that started this one, and ends with it. */
export function serve<Question>(answer: (question: Question) => unknown): void {
  process.on('message', async (message) => {
    const { id, question } = message as { readonly id: number; readonly question: Question }
    try {
      process.send?.({ id, answer: await answer(question) })
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.send?.({ id, error: reason })
    }
  })
  process.on('disconnect', () => process.exit())
}
