import type { Job } from './job.ts'

/** The waiting jobs in the order of their start: normal priority before low, older before newer. */
export interface JobQueue {
  readonly length: number
  /** The length of all their inputs together, characters. */
  readonly characters: number
  push(job: Job): void
  /** Removes and returns the job that starts next. */
  shift(): Job | undefined
  /** Removes a job; false when it did not wait. */
  remove(job: Job): boolean
  /** How many jobs start before it; 0 for a job that does not wait. */
  position(job: Job): number
  clear(): void
}

/** Creates an empty queue. */
export function createJobQueue(): JobQueue {
  const waiting = { normal: [] as Job[], low: [] as Job[] }
  let characters = 0
  const countOut = (job: Job | undefined): Job | undefined => {
    characters -= job?.posted.body.length ?? 0
    return job
  }
  return {
    get length() {
      return waiting.normal.length + waiting.low.length
    },
    get characters() {
      return characters
    },
    push(job) {
      waiting[job.priority].push(job)
      characters += job.posted.body.length
    },
    shift: () => countOut(waiting.normal.shift() ?? waiting.low.shift()),
    remove(job) {
      const jobs = waiting[job.priority]
      const index = jobs.indexOf(job)
      if (index >= 0) countOut(jobs.splice(index, 1)[0])
      return index >= 0
    },
    position(job) {
      const index = waiting[job.priority].indexOf(job)
      if (index < 0) return 0
      return index + (job.priority === 'low' ? waiting.normal.length : 0)
    },
    clear() {
      waiting.normal.length = 0
      waiting.low.length = 0
      characters = 0
    },
  }
}
