/** `--quick`: three rounds and no slow row, for CI. */
export const quick: boolean = process.argv.includes('--quick')

/** Rounds that count; one more goes before them to warm up. */
export const rounds: number = quick ? 3 : 5

/** Something that is measured. */
export interface Contender<Sample = number> {
  readonly name: string
  /** Does the work once and returns what it took. Throws when the result is not exact. */
  run(isWarmUp: boolean): Promise<Sample>
  /** Too slow to repeat: measured once, without a warm-up. */
  readonly once?: boolean
}

/** What each contender took, by round, and who failed. */
export interface Findings<Sample = number> {
  readonly samples: ReadonlyMap<string, readonly Sample[]>
  /** Why a contender's samples mean nothing. It makes rows void. */
  readonly faults: ReadonlyMap<string, string>
  /** The same for a peer that is measured once. It spoils no more than the peer's own cells. */
  readonly peerFaults: ReadonlyMap<string, string>
}

/** Runs all contenders in turn, round by round, in changing order. The first round warms up and does not count. */
export async function interleave<Sample>(
  work: string,
  contenders: readonly Contender<Sample>[],
  times: number = rounds,
): Promise<Findings<Sample>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  const faults = new Map<string, string>()
  const peerFaults = new Map<string, string>()
  const run = async (contender: Contender<Sample>, isWarmUp: boolean): Promise<void> => {
    const { name, once } = contender
    if (faults.has(name)) return
    await settle()
    try {
      const sample = await contender.run(isWarmUp)
      if (!isWarmUp) samples.get(name)?.push(sample)
    } catch (error) {
      console.error(error)
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1)
      if (once && name !== 'ours') peerFaults.set(name, reason)
      else faults.set(name, reason)
    }
  }
  const repeated = contenders.filter(({ once }) => !once)
  for (let round = 0; round <= times && repeated.length > 0; round++) {
    console.error(`… ${work}: ${round === 0 ? 'warm-up' : `round ${round} of ${times}`}`)
    const order = round % 2 === 0 ? repeated : repeated.toReversed()
    for (const contender of order) await run(contender, round === 0)
  }
  for (const contender of contenders) if (contender.once) await run(contender, false)
  return { samples, faults, peerFaults }
}

/** The garbage of one contender goes before the next one begins. */
async function settle(): Promise<void> {
  globalThis.gc?.()
  await sleep(5)
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

/** Throws unless the answer read is the answer sent. */
export function expectExact<T>(got: T, wanted: T): void {
  if (got === wanted) return
  const show = (value: T): string =>
    typeof value === 'string' ? `${value.length} characters` : String(value)
  throw new Error(`not exact: ${show(got)} instead of ${show(wanted)}`)
}

/** Processor milliseconds of this process since it began, garbage collection included. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Milliseconds since the epoch, the same in every process of this machine. */
export function machineMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Waits, milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
