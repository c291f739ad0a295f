import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { wait } from '../clock.ts'
import type { Job } from './job.ts'
import { cancelled, createJobs } from './jobs.ts'

type Step =
  | { readonly type: 'submit'; readonly priority: 'normal' | 'low'; readonly workMs: number }
  | { readonly type: 'cancel'; readonly index: number }
  | { readonly type: 'advance'; readonly byMs: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('submit' as const),
    priority: fc.constantFrom('normal' as const, 'low' as const),
    workMs: fc.integer({ min: 0, max: 50 }),
  }),
  fc.record({ type: fc.constant('cancel' as const), index: fc.nat(20) }),
  fc.record({ type: fc.constant('advance' as const), byMs: fc.nat(60) }),
)

describe('createJobs', () => {
  it('never runs more than it may, keeps the order, and completes every job once, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, concurrency) => {
          const clock = createManualClock()
          const started: Job[] = []
          const completed: Job[] = []
          const submitted: Job[] = []
          const work = new Map<string, number>()
          const violations: string[] = []
          const jobs = createJobs({
            clock,
            concurrency,
            queueDelayMs: 0,
            maxKeptJobs: 1000,
            execute: async (job) => {
              started.push(job)
              // Collected: a throw in here would count as a failure of the job.
              if (jobs.running > concurrency) violations.push('too many run')
              const overtaken = submitted.some(
                ({ priority, status }) => priority === 'normal' && status === 'IN_QUEUE',
              )
              if (job.priority === 'low' && overtaken) violations.push('low before normal')
              await wait(clock, work.get(job.id) ?? 0, job.abort.signal).catch(() => {})
              return job.abort.signal.aborted ? cancelled : { status: 200, headers: {}, body: '{}' }
            },
            onCompleted: (job) => completed.push(job),
            changed: () => {},
          })
          for (const [index, next] of steps.entries()) {
            if (next.type === 'submit') {
              work.set(String(index), next.workMs)
              submitted.push(jobs.submit(draft(String(index), next.priority)))
            } else if (next.type === 'cancel') {
              const job = submitted[next.index]
              if (job) jobs.cancel(job)
            } else {
              await clock.advance(next.byMs)
            }
            const waiting = submitted.filter(({ status }) => status === 'IN_QUEUE')
            const positions = waiting.map((job) => jobs.position(job))
            expect(positions.toSorted((a, b) => a - b)).toEqual(waiting.map((_, place) => place))
          }
          await clock.advance(5000)
          expect(completed.toSorted(byId)).toEqual(submitted.toSorted(byId))
          for (const priority of ['normal', 'low']) {
            const ids = started
              .filter((job) => job.priority === priority)
              .map(({ id }) => Number(id))
            expect(ids).toEqual(ids.toSorted((a, b) => a - b))
          }
          expect(violations).toEqual([])
          expect(clock.pending).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })
})

function draft(id: string, priority: 'normal' | 'low') {
  return {
    id,
    priority,
    posted: { path: 'a/b', body: '', contentType: undefined },
    webhookUrl: undefined,
    startTimeoutMs: undefined,
    plannedOutcome: undefined,
  }
}

function byId(left: Job, right: Job): number {
  return Number(left.id) - Number(right.id)
}
