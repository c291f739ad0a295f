/** Something that is measured: does the work once, checks its result, and says how much it took. */
export interface Contender {
  readonly name: string
  /** Throws when the result is not exact: the row is void then, or the cell of one that is measured once. */
  readonly run: () => Promise<number>
  /** Too slow to repeat: measured once, without a warm-up. */
  readonly once?: boolean
}

/** What each contender took, by round. */
export type Samples = ReadonlyMap<string, readonly number[]>

/** Runs all contenders in turn, round by round, in changing order. The first round warms up and is thrown away. */
export async function interleave(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Samples> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  const repeated = contenders.filter(({ once }) => !once)
  for (let round = 0; round <= rounds; round++) {
    for (const contender of round % 2 === 0 ? repeated : repeated.toReversed()) {
      await settle()
      const taken = await contender.run()
      if (round > 0) samples.get(contender.name)?.push(taken)
    }
  }
  for (const { name, run, once } of contenders) {
    if (once) samples.get(name)?.push(await (name === 'ours' ? run() : run().catch(reportAsNaN)))
  }
  return samples
}

/** A peer that gets it wrong voids its own cell. */
function reportAsNaN(error: unknown): number {
  console.error(error)
  return Number.NaN
}

/** Nothing of the one before shall be paid by the next: its garbage goes first. */
async function settle(): Promise<void> {
  globalThis.gc?.()
  await new Promise((done) => setTimeout(done, 5))
}

/** The middle value. NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which a share of the values lies. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Throws unless what was read is what was sent. */
export function expectExact<T>(got: T, wanted: T): void {
  if (got === wanted) return
  const show = (value: T): string =>
    typeof value === 'string' ? `${value.length} characters` : String(value)
  throw new Error(`not exact: ${show(got)} instead of ${show(wanted)}`)
}
