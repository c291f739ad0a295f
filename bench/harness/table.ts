import { loadavg } from 'node:os'
import { interleave, median, quantile, rounds } from './rounds.ts'
import type { Contender, Findings } from './rounds.ts'

/** What ours is held to: a ratio to another column, or a number. */
export interface Goal {
  /** The column that is held to it. Default: ours. */
  readonly of?: string
  /** The column compared with; without it the number itself is meant. */
  readonly to?: string
  /** Compares what both take above the floor: the floor is the benchmark's own cost. */
  readonly aboveFloor?: boolean
  readonly atMost?: number
  readonly atLeast?: number
  /** A miss whose lower quartile is no miss counts as noise. */
  readonly allowsNoise?: boolean
}

/** One line of a table. */
export interface Row {
  readonly work: string
  /** Of the numbers: "ms", "MB". */
  readonly unit: string
  readonly goals: readonly Goal[]
  /** By column. */
  readonly samples: ReadonlyMap<string, readonly number[]>
  /** Why the numbers mean nothing. */
  readonly void?: string
}

/** What a row is about. */
export type RowHead = Pick<Row, 'work' | 'unit'> & Partial<Pick<Row, 'goals'>>

/** Measures one row. */
export async function measure(head: RowHead, contenders: readonly Contender[]): Promise<Row> {
  return toRow(head, await interleave(head.work, contenders), (sample) => sample)
}

/**
 * Makes a row of one figure of what was found.
 *
 * @param columns The contender of each column, by column. Default: every contender under its own name.
 */
export function toRow<Sample>(
  { work, unit, goals = [] }: RowHead,
  { samples, faults, peerFaults }: Findings<Sample>,
  figureOf: (sample: Sample, round: number) => number,
  columns: Readonly<Record<string, string>> = Object.fromEntries(
    [...samples.keys()].map((name) => [name, name]),
  ),
): Row {
  const cells = Object.entries(columns).map(([column, name]) => {
    const values = peerFaults.has(name) ? [Number.NaN] : (samples.get(name) ?? []).map(figureOf)
    return [column, values] as const
  })
  const row = { work, unit, goals, samples: new Map(cells) }
  const reason = Object.values(columns).flatMap((name) => faults.get(name) ?? [])[0]
  return reason === undefined ? row : { ...row, void: reason }
}

/** A row of numbers that are the same however often they are counted. */
export function countedRow(
  { work, unit, goals = [] }: RowHead,
  values: Readonly<Record<string, number>>,
): Row {
  const samples = new Map(Object.entries(values).map(([name, value]) => [name, [value]]))
  return { work, unit, goals, samples }
}

/** Prints a table as Markdown. A void row makes the process exit with 1, a missed goal does not. */
export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly Row[],
  times = rounds,
): void {
  const load = loadavg()[0]?.toFixed(1)
  const noise = median(rows.flatMap(({ samples }) => [...samples.values()].map(spread)))
  console.log(`\n## ${title}\n`)
  console.log(
    `Medians of ${times} interleaved rounds after a warm-up; (1): measured once. ` +
      `Load ${load} at the end, median spread of a cell ±${percent(noise)}.\n`,
  )
  const head = ['work', ...columns, 'ratio', 'goal', '']
  console.log(`| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|`)
  for (const row of rows) console.log(`| ${lineOf(row, columns).join(' | ')} |`)
  if (rows.some((row) => row.void !== undefined)) process.exitCode = 1
}

function lineOf(row: Row, columns: readonly string[]): string[] {
  const { work, unit, samples, goals } = row
  if (row.void !== undefined) return [work, `**void: ${row.void}**`]
  const cells = columns.map((name) => cellOf(samples.get(name), unit))
  return [
    work,
    ...cells,
    goals.map((goal) => reachedOf(row, goal)).join('<br>'),
    goals.map((goal) => goalOf(goal, unit)).join('<br>'),
    goals.map((goal) => verdictOf(row, goal)).join('<br>'),
  ]
}

// Bytes and counts are the same however often they are counted; times are not.
const timedUnits: ReadonlySet<string> = new Set(['ms', 'MB', 'events/s'])

function cellOf(values: readonly number[] | undefined, unit: string): string {
  if (!values || values.length === 0) return '–'
  if (values.some(Number.isNaN)) return 'not exact'
  const once = values.length === 1 && timedUnits.has(unit) ? ' (1)' : ''
  return `${figure(median(values))} ${unit}`.trim() + once
}

function goalOf({ to, aboveFloor, atMost, atLeast }: Goal, unit: string): string {
  const bound = atMost === undefined ? `≥ ${figure(atLeast ?? 0)}` : `≤ ${figure(atMost)}`
  if (to !== undefined) return `${bound}× ${to}`
  return `${bound} ${unit}${aboveFloor ? ' above the floor' : ''}`.trim()
}

function reachedOf(row: Row, goal: Goal): string {
  const { of, to, aboveFloor } = goal
  const values = reached(row, goal)
  if (to === undefined) return aboveFloor ? figure(median(values)) : '–'
  const who = of === undefined ? '' : `${of}: `
  const noise = values.length > 1 ? ` ±${percent(spread(values))}` : ''
  return `${who}${figure(median(values))}× ${to}${aboveFloor ? ' above the floor' : ''}${noise}`
}

function verdictOf(row: Row, goal: Goal): string {
  const { atMost = Infinity, atLeast = -Infinity, allowsNoise = false } = goal
  const values = reached(row, goal)
  const value = median(values)
  if (value <= atMost && value >= atLeast) return 'met'
  return allowsNoise && quantile(values, 0.25) <= atMost ? 'within the noise' : '**missed**'
}

/** What is held against the goal; a ratio round by round where both ran in each: a disturbance disturbs both. */
function reached(
  { samples }: Row,
  { of = 'ours', to, aboveFloor = false }: Goal,
): readonly number[] {
  const floor = aboveFloor ? median(samples.get('floor') ?? []) : 0
  const ours = samples.get(of) ?? []
  if (to === undefined) return [median(ours) - floor]
  const theirs = samples.get(to) ?? []
  if (ours.length !== theirs.length) return [(median(ours) - floor) / (median(theirs) - floor)]
  return ours.map((value, round) => (value - floor) / ((theirs[round] ?? Number.NaN) - floor))
}

/** Half the distance between the quartiles, as a share of the middle. */
function spread(values: readonly number[]): number {
  if (values.length < 2) return 0
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / Math.abs(median(values))
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** Three digits that count. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(Math.abs(value) < 0.1 ? 2 : 3)))
}
