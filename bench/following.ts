// Table E: following a queued job. The emulator has a process of its own, each follower too.

import { startChild } from './harness/child.ts'
import type { Child } from './harness/child.ts'
import { median, quantile } from './harness/rounds.ts'
import { quick, rounds } from './harness/settings.ts'
import { countedRow, printTable } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'
import type { EmulatorQuestion, Seen } from './following/emulator-server.ts'
import type { FollowerName } from './following/followers.ts'
import type { FollowQuestion, Followed } from './following/one-follower.ts'

const emulator = await startChild('following/emulator-server.ts')
const ask = <Answer>(question: EmulatorQuestion): Promise<Answer> => emulator.ask<Answer>(question)
const baseUrl = await ask<string>({ ask: 'url' })

/** What following some jobs took. */
interface Outcome {
  readonly p50: number
  readonly p99: number
  readonly requestsPerJob: number
  readonly cpuMsPerJob: number
  readonly lost: number
  readonly unhandled: number
  readonly firstError: string | undefined
}

let run = 0

async function follow(
  follower: FollowerName,
  works: readonly number[],
  how: { readonly everyMs: number; readonly cuts?: boolean },
): Promise<Outcome> {
  const child = children.get(follower) ?? (await startChild('following/one-follower.ts'))
  children.set(follower, child)
  run += 1
  const jobs = works.map((workMs, index) => ({ name: `job-${run}-${index}`, workMs }))
  await ask<Seen>({ ask: 'seen' })
  const { everyMs, cuts = false } = how
  const question: FollowQuestion = { baseUrl, follower, jobs, everyMs, cuts }
  const { answeredAt, cpuMs, unhandled, firstError } = await child.ask<Followed>(question)
  const { completedAt, requests } = await ask<Seen>({ ask: 'seen' })
  const latencies = Object.entries(answeredAt).map(
    ([name, at]) => at - (completedAt[name] ?? Number.NaN),
  )
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    requestsPerJob: requests / jobs.length,
    cpuMsPerJob: cpuMs / jobs.length,
    lost: jobs.length - latencies.length,
    unhandled,
    firstError,
  }
}

const children = new Map<FollowerName, Child>()

/** Works of half a second to three and a half, evenly spread and in no order. */
function worksOf(count: number, fromMs: number = 500, toMs: number = 3_500): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    const place = ((index * 37) % count) / count
    return Math.round(fromMs + place * (toMs - fromMs))
  })
}

/** A row of the medians of the rounds' outcomes. */
function rowOf(
  work: string,
  unit: string,
  outcomes: ReadonlyMap<string, readonly Outcome[]>,
  pick: (outcome: Outcome) => number,
  goals: readonly Goal[],
): Row {
  const lost = [...outcomes].filter(([, list]) => list.some((outcome) => outcome.lost > 0))
  const samples = new Map([...outcomes].map(([name, list]) => [name, list.map(pick)]))
  const reason = lost[0]?.[1].find(({ firstError }) => firstError)?.firstError
  const isVoid = lost.length > 0
  return { work, unit, goals, samples, ...(isVoid && { void: `a job was lost: ${reason}` }) }
}

const names = ['ours', 'ours polling', 'fal-js stream', 'fal-js polling', 'raw stream'] as const

async function interleaved(): Promise<Map<string, Outcome[]>> {
  const outcomes = new Map<string, Outcome[]>(names.map((name) => [name, []]))
  // A few jobs first: what is loaded and compiled once is not a job's.
  for (const name of names) await follow(name, worksOf(20, 50, 300), { everyMs: 5 })
  for (let round = 0; round < rounds; round++) {
    console.error(`… 60 jobs, round ${round + 1} of ${rounds}`)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      outcomes.get(name)?.push(await follow(name, worksOf(60), { everyMs: 13 }))
    }
  }
  return outcomes
}

try {
  const outcomes = await interleaved()
  const polling = new Map([
    ['ours', outcomes.get('ours polling') ?? []],
    ['fal-js polling', outcomes.get('fal-js polling') ?? []],
  ])
  const streaming = new Map([...outcomes].filter(([name]) => name !== 'ours polling'))
  const raw = 'raw stream'
  const rows: Row[] = [
    rowOf('60 jobs: latency p50', 'ms', streaming, ({ p50 }) => p50, [{ to: raw, atMost: 1.1 }]),
    rowOf('60 jobs: latency p99', 'ms', streaming, ({ p99 }) => p99, [{ to: raw, atMost: 1.1 }]),
    rowOf('60 jobs: requests per job', '', streaming, (one) => one.requestsPerJob, [
      { to: raw, atMost: 1.1 },
    ]),
    rowOf('60 jobs: CPU per job', 'ms', streaming, (one) => one.cpuMsPerJob, [
      { to: raw, atMost: 1.1 },
    ]),
    rowOf('only polling: latency p50', 'ms', polling, ({ p50 }) => p50, [{ atMost: 150 }]),
    rowOf('only polling: latency p99', 'ms', polling, ({ p99 }) => p99, []),
    rowOf('only polling: requests per job', '', polling, (one) => one.requestsPerJob, [
      { to: 'fal-js polling', atMost: 1.5 },
    ]),
    rowOf('only polling: CPU per job', 'ms', polling, (one) => one.cpuMsPerJob, []),
  ]

  const many = quick ? 200 : 1_000
  const count = many.toLocaleString('en-US')
  console.error(`… ${count} jobs with cuts`)
  const cut = async (name: FollowerName): Promise<Outcome> => {
    await ask<number>({ ask: 'cut', streams: many / 2 })
    return follow(name, worksOf(many, 500, 2_000), { everyMs: 12, cuts: true })
  }
  const cuts = { ours: await cut('ours'), 'fal-js stream': await cut('fal-js stream') }
  const each = (pick: (outcome: Outcome) => number): Record<string, number> =>
    Object.fromEntries(Object.entries(cuts).map(([name, outcome]) => [name, pick(outcome)]))
  rows.push(
    countedRow(
      `${count} jobs, each status stream cut: lost`,
      '',
      each(({ lost }) => lost),
      [{ atMost: 0 }],
    ),
    countedRow(
      '… unhandled rejections',
      '',
      each(({ unhandled }) => unhandled),
      [{ atMost: 0 }],
    ),
    countedRow(
      '… latency p99 of the others',
      'ms',
      each(({ p99 }) => p99),
      [{ atMost: 600 }],
    ),
  )

  if (!quick) {
    console.error(`… ${count} jobs at once`)
    const crowd = await follow('ours', worksOf(many), { everyMs: 0 })
    const few = median((outcomes.get('ours') ?? []).map(({ cpuMsPerJob }) => cpuMsPerJob))
    const ratio = crowd.cpuMsPerJob / few
    rows.push(
      countedRow(`${count} jobs at once: lost`, '', { ours: crowd.lost }, [{ atMost: 0 }]),
      countedRow('… CPU per job, over that of 60', '×', { ours: ratio }, [{ atMost: 1.2 }]),
    )
    if (crowd.firstError) console.error(crowd.firstError)
  }
  for (const { firstError } of Object.values(cuts)) if (firstError) console.error(firstError)
  const columns = ['ours', 'fal-js stream', 'fal-js polling', 'raw stream']
  printTable('E. Following a queued job', columns, rows)
} finally {
  emulator.stop()
  for (const child of children.values()) child.stop()
}
