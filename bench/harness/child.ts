import { fork } from 'node:child_process'
import { bundle } from './build.ts'

/** A process that answers questions. */
export interface Child {
  ask<Answer>(question: object): Promise<Answer>
  stop(): void
}

type Reply = { readonly id: number; readonly answer?: unknown; readonly error?: string }

const bundles = new Map<string, Promise<string>>()

/** Starts a script of bench that calls `serve`. */
export async function startChild(script: string, execArgv: readonly string[] = []): Promise<Child> {
  const bundled = bundles.get(script) ?? bundle(script)
  bundles.set(script, bundled)
  const child = fork(await bundled, { execArgv: [...execArgv] })
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  let asked = 0
  child.on('message', (message) => {
    // The other side is `serve`.
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
