// One follower in a process of its own, many jobs at once.

import { serve } from '../harness/serve.ts'
import { answerTo, promptOf } from './job.ts'
import { createFollowers } from './followers.ts'
import type { FollowerName } from './followers.ts'

/** Which jobs are to be done, and how. */
export interface FollowQuestion {
  readonly baseUrl: string
  readonly follower: FollowerName
  readonly jobs: readonly { readonly name: string; readonly workMs: number }[]
  /** Between two submits, milliseconds. */
  readonly everyMs: number
  /** Cuts each status stream at a random moment of its job. */
  readonly cuts: boolean
}

/** What became of them. */
export interface Followed {
  readonly cpuMs: number
  /** When each answer was there, milliseconds of the machine's clock; a job that was lost has none. */
  readonly answeredAt: Readonly<Record<string, number>>
  /** Each would have ended the process. */
  readonly unhandled: number
  /** Why the first lost one was lost. */
  readonly firstError: string | undefined
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

let unhandled = 0
process.on('unhandledRejection', () => (unhandled += 1))

serve<FollowQuestion>(async (question): Promise<Followed> => {
  const { baseUrl, follower, jobs, everyMs, cuts } = question
  const send = cuts ? cuttingFetch : fetch
  const follow = createFollowers(baseUrl, send)[follower]
  const answeredAt: Record<string, number> = {}
  let firstError: string | undefined
  const before = process.cpuUsage()
  await Promise.all(
    jobs.map(async ({ name, workMs }, index) => {
      await sleep(index * everyMs)
      try {
        const text = await follow(promptOf(name, workMs))
        if (text !== answerTo(name)) throw new Error(`not exact: "${text}"`)
        answeredAt[name] = performance.timeOrigin + performance.now()
      } catch (error) {
        firstError ??= error instanceof Error ? error.message : String(error)
      }
    }),
  )
  const { user, system } = process.cpuUsage(before)
  const result = { cpuMs: (user + system) / 1_000, answeredAt, unhandled, firstError }
  unhandled = 0
  return result
})

/** Ends or breaks the body of a status stream after up to two seconds. */
const cuttingFetch: typeof fetch = async (...call) => {
  const response = await fetch(...call)
  const isStatus = response.url.includes('/status/stream')
  if (!isStatus || !response.body) return response
  const cut = new TransformStream<Uint8Array, Uint8Array>()
  const writer = cut.writable.getWriter()
  const reader = response.body.getReader()
  const breaks = Math.random() < 0.5
  const timer = setTimeout(() => {
    reader.cancel().catch(() => {})
    void (breaks ? writer.abort(new TypeError('terminated')) : writer.close()).catch(() => {})
  }, Math.random() * 2_000)
  const pump = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      await writer.write(value)
    }
    clearTimeout(timer)
    await writer.close()
  }
  pump().catch(() => {})
  return new Response(cut.readable, response)
}
