// Table E: following a queued job. The emulator has a process of its own, and each follower too.

import type { EmulatorQuestion, Seen } from './following/emulator-server.ts'
import type { Followed, FollowQuestion } from './following/follower-process.ts'
import type { FollowerName } from './following/followers.ts'
import { createProcesses } from './harness/processes.ts'
import { interleave, median, quantile, quick } from './harness/rounds.ts'
import { countedRow, printTable, toRow } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'

const emulators = createProcesses('following/emulator-server.ts')
const followers = createProcesses('following/follower-process.ts')
const ask = <Answer>(question: EmulatorQuestion): Promise<Answer> =>
  emulators.ask<Answer>('emulator', question)
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
  { everyMs, cuts = false }: { readonly everyMs: number; readonly cuts?: boolean },
): Promise<Outcome> {
  run += 1
  const jobs = works.map((workMs, index) => ({ name: `job-${run}-${index}`, workMs }))
  await ask<Seen>({ ask: 'seen' })
  const question: FollowQuestion = { baseUrl, follower, jobs, everyMs, cuts }
  const followed = await followers.ask<Followed>(follower, question)
  const { completedAt, requests } = await ask<Seen>({ ask: 'seen' })
  const { answeredAt, unhandled, firstError } = followed
  const latencies = Object.entries(answeredAt).map(
    ([name, at]) => at - (completedAt[name] ?? Number.NaN),
  )
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    requestsPerJob: requests / jobs.length,
    cpuMsPerJob: followed.cpuMs / jobs.length,
    lost: jobs.length - latencies.length,
    unhandled,
    firstError,
  }
}

/** Works between two lengths, evenly spread and in no order. */
function worksOf(count: number, fromMs: number, toMs: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    const place = ((index * 37) % count) / count
    return Math.round(fromMs + place * (toMs - fromMs))
  })
}

const names = ['ours', 'ours polling', 'fal-js stream', 'fal-js polling', 'raw stream'] as const
const contenders = names.map((name) => ({
  name,
  async run(isWarmUp: boolean): Promise<Outcome> {
    // A few short jobs compile and load what is needed only once.
    const outcome = isWarmUp
      ? await follow(name, worksOf(20, 50, 300), { everyMs: 5 })
      : await follow(name, worksOf(60, 500, 3_500), { everyMs: 13 })
    if (outcome.lost > 0) throw new Error(`a job was lost: ${outcome.firstError}`)
    return outcome
  },
}))

const columns = ['ours', 'fal-js stream', 'fal-js polling', 'raw stream']
const streaming = Object.fromEntries(columns.map((name) => [name, name]))
const polling = { ours: 'ours polling', 'fal-js polling': 'fal-js polling' }
const overRaw: readonly Goal[] = [{ to: 'raw stream', atMost: 1.1 }]
const overPolling: readonly Goal[] = [{ to: 'fal-js polling', atMost: 1.5 }]
const many = quick ? 200 : 1_000
const count = many.toLocaleString('en-US')

async function cutRows(): Promise<readonly Row[]> {
  console.error(`… ${count} jobs with cuts`)
  const cut = async (name: FollowerName): Promise<Outcome> => {
    await ask<void>({ ask: 'cut', streams: many / 2 })
    const outcome = await follow(name, worksOf(many, 500, 2_000), { everyMs: 12, cuts: true })
    if (outcome.firstError) console.error(outcome.firstError)
    return outcome
  }
  const [ours, theirs] = [await cut('ours'), await cut('fal-js stream')]
  const row = (work: string, unit: string, atMost: number, figure: (one: Outcome) => number) =>
    countedRow(
      { work, unit, goals: [{ atMost }] },
      { ours: figure(ours), 'fal-js stream': figure(theirs) },
    )
  return [
    row(`${count} jobs, each status stream cut: lost`, '', 0, ({ lost }) => lost),
    row('… unhandled rejections', '', 0, ({ unhandled }) => unhandled),
    row('… latency p99 of the others', 'ms', 600, ({ p99 }) => p99),
  ]
}

async function crowdRows(few: number): Promise<readonly Row[]> {
  console.error(`… ${count} jobs at once`)
  const { lost, cpuMsPerJob, firstError } = await follow('ours', worksOf(many, 500, 3_500), {
    everyMs: 0,
  })
  if (firstError) console.error(firstError)
  const goals = [{ atMost: 0 }]
  const ratio = { work: '… CPU per job, over that of 60', unit: '×', goals: [{ atMost: 1.2 }] }
  return [
    countedRow({ work: `${count} jobs at once: lost`, unit: '', goals }, { ours: lost }),
    countedRow(ratio, { ours: cpuMsPerJob / few }),
  ]
}

try {
  const found = await interleave('60 jobs', contenders)
  const rowIn =
    (contendersOf: Readonly<Record<string, string>>) =>
    (work: string, unit: string, figure: (one: Outcome) => number, goals: readonly Goal[] = []) =>
      toRow({ work, unit, goals }, found, figure, contendersOf)
  const [streamed, polled] = [rowIn(streaming), rowIn(polling)]
  const few = median((found.samples.get('ours') ?? []).map(({ cpuMsPerJob }) => cpuMsPerJob))
  const rows: readonly Row[] = [
    streamed('60 jobs: latency p50', 'ms', ({ p50 }) => p50, overRaw),
    streamed('60 jobs: latency p99', 'ms', ({ p99 }) => p99, overRaw),
    streamed('60 jobs: requests per job', '', (one) => one.requestsPerJob, overRaw),
    streamed('60 jobs: CPU per job', 'ms', (one) => one.cpuMsPerJob, overRaw),
    polled('only polling: latency p50', 'ms', ({ p50 }) => p50, [{ atMost: 150 }]),
    polled('only polling: latency p99', 'ms', ({ p99 }) => p99),
    polled('only polling: requests per job', '', (one) => one.requestsPerJob, overPolling),
    polled('only polling: CPU per job', 'ms', (one) => one.cpuMsPerJob),
    ...(await cutRows()),
    ...(quick ? [] : await crowdRows(few)),
  ]
  printTable('E. Following a queued job', columns, rows)
} finally {
  emulators.stopAll()
  followers.stopAll()
}
