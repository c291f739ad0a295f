import { loadavg } from 'node:os'
import { interleave, median, quantile } from './rounds.ts'
import type { Contender, Samples } from './rounds.ts'
import { rounds } from './settings.ts'

/** What ours is held to: a ratio to another column, or a number. */
export interface Goal {
  /** The column compared with; without it the number itself is meant. */
  readonly to?: string
  /** Compares what both take above the floor: the floor is the benchmark's own doing. */
  readonly aboveFloor?: boolean
  readonly atMost?: number
  readonly atLeast?: number
}

/** One line of a table. */
export interface Row {
  readonly work: string
  /** Of the numbers: "ms", "MB". */
  readonly unit: string
  readonly samples: Samples
  readonly goals: readonly Goal[]
  /** Why the numbers mean nothing. */
  readonly void?: string
}

/** Measures one row. A result that is not exact makes it void. */
export async function measure(
  work: string,
  unit: string,
  contenders: readonly Contender[],
  goals: readonly Goal[],
): Promise<Row> {
  console.error(`… ${work}`)
  try {
    return { work, unit, goals, samples: await interleave(contenders, rounds) }
  } catch (error) {
    console.error(error)
    const reason = error instanceof Error ? error.message : String(error)
    return { work, unit, goals, samples: new Map(), void: reason }
  }
}

/** A row of numbers that are what they are, however often one counts. */
export function countedRow(
  work: string,
  unit: string,
  values: Readonly<Record<string, number>>,
  goals: readonly Goal[],
): Row {
  const samples = new Map(Object.entries(values).map(([name, value]) => [name, [value]]))
  return { work, unit, goals, samples }
}

/** Prints a table as Markdown and says whether every row counts. Ours is the first column, the floor the last. */
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
  const verdicts = goals.map((goal) => (isMet(row, goal) ? 'met' : '**missed**'))
  return [
    work,
    ...cells,
    goals.map((goal) => reachedOf(row, goal)).join('<br>'),
    goals.map((goal) => goalOf(goal, unit)).join('<br>'),
    verdicts.join('<br>'),
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
  if (goal.to === undefined) return goal.aboveFloor ? figure(reached(row, goal)) : '–'
  const ratios = ratiosOf(row, goal.to, goal.aboveFloor)
  const noise = ratios.length > 1 ? ` ±${percent(spread(ratios))}` : ''
  const above = goal.aboveFloor ? ' above the floor' : ''
  return `${figure(median(ratios))}× ${goal.to}${above}${noise}`
}

function isMet(row: Row, goal: Goal): boolean {
  const { atMost = Infinity, atLeast = -Infinity } = goal
  const value = reached(row, goal)
  return value <= atMost && value >= atLeast
}

function reached(row: Row, { to, aboveFloor }: Goal): number {
  if (to !== undefined) return median(ratiosOf(row, to, aboveFloor))
  const floor = aboveFloor ? median(row.samples.get('floor') ?? []) : 0
  return median(row.samples.get('ours') ?? []) - floor
}

/** Round by round where both ran in each: what disturbs the machine disturbs both. */
function ratiosOf({ samples }: Row, to: string, aboveFloor = false): readonly number[] {
  const ours = samples.get('ours') ?? []
  const theirs = samples.get(to) ?? []
  const floor = aboveFloor ? median(samples.get('floor') ?? []) : 0
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
