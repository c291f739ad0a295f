import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { createJob } from './job.ts'
import type { Job } from './job.ts'
import { createKeptJobs } from './kept-jobs.ts'

const minuteMs = 60_000

function start(limits: { maxJobs?: number; maxCharacters?: number } = {}) {
  const clock = createManualClock()
  const forgotten: string[] = []
  const kept = createKeptJobs({
    clock,
    maxJobs: 100,
    ...limits,
    onForget: ({ id }) => forgotten.push(id),
  })
  const add = (id: string, length: number): void => kept.add(completedJob(id, length, clock.now()))
  return { clock, kept, forgotten, add }
}

describe('createKeptJobs', () => {
  it('forgets small results after an hour and large ones after six minutes', async () => {
    const { clock, kept, forgotten, add } = start()
    add('small', 10_239)
    add('large', 10_240)
    await clock.advance(6 * minuteMs - 1)
    kept.forgetOld()
    expect(forgotten).toEqual([])
    await clock.advance(1)
    kept.forgetOld()
    expect(forgotten).toEqual(['large'])
    await clock.advance(54 * minuteMs)
    kept.forgetOld()
    expect([forgotten, kept.size]).toEqual([['large', 'small'], 0])
  })

  it('forgets the oldest, large or small, beyond its count', async () => {
    const { clock, forgotten, add } = start({ maxJobs: 2 })
    for (const [id, length] of [
      ['1', 20_000],
      ['2', 1],
      ['3', 20_000],
      ['4', 1],
    ] as const) {
      add(id, length)
      await clock.advance(1)
    }
    expect(forgotten).toEqual(['1', '2'])
  })

  it('forgets the oldest beyond its size', () => {
    const { forgotten, kept, add } = start({ maxCharacters: 100 })
    add('1', 60)
    add('2', 50)
    expect([forgotten, kept.size]).toEqual([['1'], 1])
  })
})

function completedJob(id: string, length: number, completedAt: number): Job {
  const job = createJob({
    id,
    priority: 'normal',
    posted: { path: 'a/b', body: '', contentType: undefined },
    webhookUrl: undefined,
    startTimeoutMs: undefined,
    plannedOutcome: undefined,
  })
  const outcome = { status: 200, headers: {}, body: 'x'.repeat(length) }
  return Object.assign(job, { status: 'COMPLETED', completedAt, outcome })
}
