// Keeps completed jobs for an hour, those with a result of 10 KB or more for six minutes, and only so many at a time.

import type { Clock } from '../clock.ts'
import type { Job } from './job.ts'

/** The completed jobs that are kept. */
export interface KeptJobs {
  readonly size: number
  add(job: Job): void
  /** Forgets the jobs whose time is over, and beyond the limits the oldest. */
  forgetOld(): void
}

/** How many jobs are kept. */
export interface KeptJobsOptions {
  readonly clock: Clock
  readonly maxJobs: number
  /** The most that all results may hold together, characters. Default 256 Mi. */
  readonly maxCharacters?: number
  readonly onForget: (job: Job) => void
}

const minuteMs = 60_000
/** @source fal docs, "Queue": an hour, six minutes from 10 KB on */
const retentionMs = { small: 60 * minuteMs, large: 6 * minuteMs }
const largeFromBytes = 10_240

/** Creates an empty memory. */
export function createKeptJobs(options: KeptJobsOptions): KeptJobs {
  const { clock, maxJobs, maxCharacters = 256 * 1024 * 1024, onForget } = options
  /** Each set is in the order of completion, so that its first job is forgotten first. */
  const groups = { small: new Set<Job>(), large: new Set<Job>() }
  let characters = 0

  const forget = (group: Set<Job>, job: Job): void => {
    group.delete(job)
    characters -= toResultLength(job)
    onForget(job)
  }
  const size = (): number => groups.small.size + groups.large.size
  const forgetExpired = (kind: 'small' | 'large'): void => {
    const completedBefore = clock.now() - retentionMs[kind]
    for (const job of groups[kind]) {
      if ((job.completedAt ?? 0) > completedBefore) return
      forget(groups[kind], job)
    }
  }
  const forgetOldest = (): void => {
    const [small] = groups.small
    const [large] = groups.large
    const isSmall = (small?.completedAt ?? Infinity) <= (large?.completedAt ?? Infinity)
    const oldest = isSmall ? small : large
    if (oldest) forget(isSmall ? groups.small : groups.large, oldest)
  }
  const forgetOld = (): void => {
    forgetExpired('small')
    forgetExpired('large')
    while (size() > maxJobs || characters > maxCharacters) forgetOldest()
  }
  return {
    get size() {
      return size()
    },
    add(job) {
      const length = toResultLength(job)
      characters += length
      groups[length < largeFromBytes ? 'small' : 'large'].add(job)
      forgetOld()
    },
    forgetOld,
  }
}

function toResultLength({ outcome }: Job): number {
  return outcome?.body.length ?? 0
}
