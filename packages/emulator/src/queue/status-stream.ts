// GET …/status/stream: one event without a name for each change, each log line once, a comment while nothing happens.
// fal's one recording of a stream shows that lines are not repeated. No page shows which lines a client gets that joins after
// some were written: here it gets all of them, or only the new ones with `lateLogs: 'new'`.

import type { FalAddress } from '../http/address.ts'
import { toEventStream, writeEvent } from '../http/event-stream.ts'
import { writeJson } from '../http/write-json.ts'
import type { ResolvedOptions } from '../options.ts'
import { createChangeSignal } from './change-signal.ts'
import { toFollowUpUrls, toStatus, wantsLogs } from './job-status.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'

/** Streams what happens to a job until it is completed. */
export function streamStatus(
  job: Job,
  jobs: Jobs,
  address: FalAddress,
  { clock, framing, lateLogs }: ResolvedOptions,
): Response {
  const changes = createChangeSignal(job, jobs, clock)
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
        let reason = await changes.next()
        for (; reason === 'ping'; reason = await changes.next()) {
          yield `: ping${framing.lineEnd}${framing.lineEnd}`
        }
        if (reason === 'closed') return
      }
    } finally {
      changes.close()
    }
  }
  return toEventStream(writeFrames(), changes.close)
}
