// What is measured has a process of its own, and so have servers: `createProcesses` here, `serve` there.

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bundle } from './build.ts'

/** The processes of one script of bench that calls `serve`, one per name. */
export interface Processes {
  /** Asks a process, which starts with the first question. */
  ask<Answer>(name: string, question: object): Promise<Answer>
  /** Ends one process; the next question starts a new one. */
  stop(name: string): void
  stopAll(): void
}

type Reply = { readonly id: number; readonly answer?: unknown; readonly error?: string }

const bundles = new Map<string, Promise<string>>()

/** Creates the processes of a script; none runs yet. */
export function createProcesses(script: string, execArgv: readonly string[] = []): Processes {
  const children = new Map<string, ChildProcess>()
  let asked = 0
  const start = async (name: string): Promise<ChildProcess> => {
    const bundled = bundles.get(script) ?? bundle(script)
    bundles.set(script, bundled)
    const child = fork(await bundled, { execArgv: [...execArgv] })
    child.setMaxListeners(0)
    children.set(name, child)
    return child
  }
  const stop = (name: string): void => {
    children.get(name)?.kill()
    children.delete(name)
  }
  return {
    async ask<Answer>(name: string, question: object) {
      const child = children.get(name) ?? (await start(name))
      const id = asked++
      return new Promise<Answer>((resolve, reject) => {
        const end = (): void => void child.off('message', take).off('exit', fail)
        const take = (message: unknown): void => {
          // The other side is `serve`.
          const reply = message as Reply
          if (reply.id !== id) return
          end()
          if (reply.error !== undefined) reject(new Error(reply.error))
          // The caller knows what the script answers.
          else resolve(reply.answer as Answer)
        }
        const fail = (code: unknown): void => {
          end()
          reject(new Error(`${script} ended with ${code}`))
        }
        child.on('message', take).on('exit', fail).send({ id, question })
      })
    },
    stop,
    stopAll() {
      for (const name of children.keys()) stop(name)
    },
  }
}

/** Answers the questions of the process that started this one, and ends with it. */
export function serve<Question>(answer: (question: Question) => unknown): void {
  process.on('message', async (message) => {
    // The other side is `createProcesses`.
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

/** Makes a server listen on a free port of this machine; resolves with its origin. */
export async function listen(server: Pick<Server, 'listen' | 'address'>): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  // A listening TCP server has an address with a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
