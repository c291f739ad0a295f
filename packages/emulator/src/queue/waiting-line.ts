import type { Job } from './job.ts'

/** Jobs in the order they will start: normal priority before low, first come first served. */
export interface WaitingLine {
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

/** Creates an empty line. */
export function createWaitingLine(): WaitingLine {
  const lanes = { normal: [] as Job[], low: [] as Job[] }
  let characters = 0
  const left = (job: Job | undefined): Job | undefined => {
    characters -= job?.posted.body.length ?? 0
    return job
  }
  return {
    get length() {
      return lanes.normal.length + lanes.low.length
    },
    get characters() {
      return characters
    },
    push(job) {
      lanes[job.priority].push(job)
      characters += job.posted.body.length
    },
    shift: () => left(lanes.normal.shift() ?? lanes.low.shift()),
    remove(job) {
      const lane = lanes[job.priority]
      const index = lane.indexOf(job)
      if (index >= 0) left(lane.splice(index, 1)[0])
      return index >= 0
    },
    position(job) {
      const index = lanes[job.priority].indexOf(job)
      if (index < 0) return 0
      return index + (job.priority === 'low' ? lanes.normal.length : 0)
    },
    clear() {
      lanes.normal.length = 0
      lanes.low.length = 0
      characters = 0
    },
  }
}
