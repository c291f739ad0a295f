// One follower in a process of its own, many jobs at once.

import { serve } from '../harness/processes.ts'
import { cpuMs, expectExact, machineMs, sleep } from '../harness/rounds.ts'
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

/** What became of the jobs. */
export interface Followed {
  readonly cpuMs: number
  /** When each answer was there, by `machineMs`. A lost job has none. */
  readonly answeredAt: Readonly<Record<string, number>>
  /** Each would have ended the process. */
  readonly unhandled: number
  /** Why the first lost one was lost. */
  readonly firstError: string | undefined
}

let unhandled = 0
process.on('unhandledRejection', () => (unhandled += 1))

serve<FollowQuestion>(async ({ baseUrl, follower, jobs, everyMs, cuts }): Promise<Followed> => {
  const follow = createFollowers(baseUrl, cuts ? cuttingFetch : fetch)[follower]
  const answeredAt: Record<string, number> = {}
  let firstError: string | undefined
  const before = cpuMs()
  const work = jobs.map(async ({ name, workMs }, index) => {
    await sleep(index * everyMs)
    try {
      expectExact(await follow(`${name} ${workMs}`), `done ${name}`)
      answeredAt[name] = machineMs()
    } catch (error) {
      firstError ??= error instanceof Error ? error.message : String(error)
    }
  })
  await Promise.all(work)
  const followed = { cpuMs: cpuMs() - before, answeredAt, unhandled, firstError }
  unhandled = 0
  return followed
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
