import type { Clock } from '../clock.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'

/** @source fal docs, "Queue", status stream */
const pingEveryMs = 15_000
/** A long queue moves often; its jobs report their positions at most this often. */
const positionEveryMs = 100

/** Reports changes of one job, one at a time. A change between two calls of `next` is reported by the second. */
export interface ChangeSignal {
  /** Resolves with `change` after a change, with `ping` after 15 s without one, with `closed` after `close`. */
  next(): Promise<'change' | 'ping' | 'closed'>
  /** Stops listening. */
  close(): void
}

/** Starts to listen to a job, and to its position in the queue. */
export function createChangeSignal(job: Job, jobs: Jobs, clock: Clock): ChangeSignal {
  let changed = false
  let closed = false
  let report: ((reason: 'change' | 'ping' | 'closed') => void) | undefined
  const change = (): void => {
    changed = true
    report?.('change')
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
      const stopTimer = clock.setTimer(() => report?.('ping'), pingEveryMs)
      return new Promise((resolve) => {
        report = (reason) => {
          stopTimer()
          report = undefined
          if (reason === 'change') changed = false
          resolve(reason)
        }
        if (changed) report('change')
      })
    },
    close() {
      closed = true
      job.watchers.delete(change)
      stopListening()
      stopMoving?.()
      report?.('closed')
    },
  }
}
