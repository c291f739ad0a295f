import { findChromium } from '@fal-llm/app-shared/e2e/find-chromium'
import { chromium } from 'playwright-core'
import { interleave } from '../harness/rounds.ts'
import type { Contender } from '../harness/rounds.ts'
import { buildPages } from './build-pages.ts'
import { contenders } from './contenders.ts'
import type { ContenderName } from './contenders.ts'
import { measurePage } from './measure-page.ts'
import type { Measurement } from './measure-page.ts'
import { servePages } from './serve-pages.ts'

/** What was found out about the contenders. */
export interface Findings {
  /** "Chromium 156.0.7204.49". */
  readonly browser: string
  /** By round. */
  readonly measurements: ReadonlyMap<ContenderName, readonly Measurement[]>
  /** Why a contender's measurements mean nothing. */
  readonly faults: ReadonlyMap<ContenderName, string>
}

/** Opens a page, and warms up what pages share: the browser, and its cache of compiled scripts. */
const warmUpTokens = 100

/** Measures everyone in turn, round by round, after a short answer each to warm up. */
export async function measureContenders(rounds: number, tokens: number): Promise<Findings> {
  // The keys are the names.
  const names = Object.keys(contenders) as ContenderName[]
  const scripts = await buildPages([...new Set(names.map((name) => contenders[name].page))])
  const pages = await servePages(scripts)
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  const measurements = new Map<ContenderName, Measurement[]>(names.map((name) => [name, []]))
  const faults = new Map<ContenderName, string>()
  const warm = new Set<ContenderName>()

  const open = (name: ContenderName, count: number): Promise<Measurement> => {
    const { page, query = '', slowdown = 1 } = contenders[name]
    return measurePage(browser, {
      url: `${pages.origin}/${page}?tokens=${count}&${query}`,
      slowdown,
    })
  }
  const run = async (name: ContenderName): Promise<number> => {
    // One that failed spoils its own rows, not the others'.
    if (faults.has(name)) return Number.NaN
    const { once = false, tokens: atMost = tokens } = contenders[name]
    const isMeasured = once || warm.has(name)
    warm.add(name)
    console.error(`… ${name}${isMeasured ? '' : ', warming up'}`)
    const count = isMeasured ? Math.min(atMost, tokens) : warmUpTokens
    const measurement = await open(name, count).catch((error: unknown) => {
      console.error(error)
      // The rest is a stack in a minified script.
      faults.set(name, String(error).split('\n', 1).join())
    })
    if (measurement && isMeasured) measurements.get(name)?.push(measurement)
    return measurement?.taskMs ?? Number.NaN
  }

  try {
    const all = names.map((name): Contender => {
      const { once = false } = contenders[name]
      return { name, once, run: () => run(name) }
    })
    await interleave(all, rounds)
    return { browser: `Chromium ${browser.version()}`, measurements, faults }
  } finally {
    await browser.close()
    pages.close()
  }
}
