import type { Job } from './job.ts'

/** Jobs in the order they will start: normal priority before low, first come first served. */
export interface JobQueue {
  readonly length: number
  /** What their inputs hold together, characters. */
  readonly characters: number
  push(job: Job): void
  /** Takes the next one out. */
  shift(): Job | undefined
  /** Takes a job out; false when it did not wait. */
  remove(job: Job): boolean
  /** How many start before it; 0 for one that does not wait. */
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
