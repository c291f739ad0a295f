// GET …/status/stream: an event without a name per change, each log line once, a comment while nothing happens.
// fal's one recording of a stream shows that lines come once and not again. Which of them someone gets who joins late, when
// lines were written before, no page shows: here all of them, or only the new ones where `lateLogs` says so.

import type { Clock } from '../clock.ts'
import type { FalAddress } from '../http/address.ts'
import { toEventStream, writeEvent } from '../http/event-stream.ts'
import { writeJson } from '../http/write-json.ts'
import type { ResolvedOptions } from '../options.ts'
import { toFollowUpUrls, toStatus, wantsLogs } from './job-status.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'

/** @source fal docs, "Queue", status stream */
const pingEveryMs = 15_000
/** A long queue moves often; who waits in it is told so often at most. */
const positionEveryMs = 100

/** Streams what happens to a job until it is completed. */
export function streamStatus(
  job: Job,
  jobs: Jobs,
  address: FalAddress,
  { clock, framing, lateLogs }: ResolvedOptions,
): Response {
  const bell = createBell(job, jobs, clock)
  const urls = toFollowUpUrls(job, address)
  const logged = wantsLogs(address.query)
  async function* writeFrames(): AsyncGenerator<string, void> {
    let sentLines = lateLogs === 'new' ? job.logs.length : 0
    let last = ''
    try {
      for (;;) {
        const status = job.status
        const lines = logged ? job.logs.slice(sentLines) : undefined
        const data = writeJson(toStatus(job, jobs.position(job), lines, urls), framing.asciiOnly)
        if (status !== 'IN_QUEUE') sentLines += lines?.length ?? 0
        if (data !== last || lines?.length) yield writeEvent(data, { lineEnd: framing.lineEnd })
        last = data
        if (status === 'COMPLETED') return
        let reason = await bell.next()
        for (; reason === 'ping'; reason = await bell.next()) {
          yield `: ping${framing.lineEnd}${framing.lineEnd}`
        }
        if (reason === 'closed') return
      }
    } finally {
      bell.close()
    }
  }
  return toEventStream(writeFrames(), bell.close)
}

/** Rings when something changed, or when nothing did for too long. What happens between two calls is not lost. */
interface Bell {
  next(): Promise<'change' | 'ping' | 'closed'>
  close(): void
}

function createBell(job: Job, jobs: Jobs, clock: Clock): Bell {
  let changed = false
  let closed = false
  let wake: ((reason: 'change' | 'ping' | 'closed') => void) | undefined
  const change = (): void => {
    changed = true
    wake?.('change')
  }
  job.watchers.add(change)
  let stopMoving: (() => void) | undefined
  const stopListening = jobs.onMove(() => {
    if (job.status !== 'IN_QUEUE' || stopMoving) return
    stopMoving = clock.setTimer(() => {
      stopMoving = undefined
      change()
    }, positionEveryMs)
  })
  return {
    next() {
      if (closed) return Promise.resolve('closed')
      const stopTimer = clock.setTimer(() => wake?.('ping'), pingEveryMs)
      return new Promise((resolve) => {
        wake = (reason) => {
          stopTimer()
          wake = undefined
          if (reason === 'change') changed = false
          resolve(reason)
        }
        if (changed) wake('change')
      })
    },
    close() {
      closed = true
      job.watchers.delete(change)
      stopListening()
      stopMoving?.()
      wake?.('closed')
    },
  }
}
