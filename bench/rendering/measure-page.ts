import type { Browser, CDPSession } from 'playwright-core'
import type { Sighting } from './page/stage.ts'

/** One answer on one page. */
export interface Measurement extends Sighting {
  /** What Chromium counts as script: callbacks, but no microtasks that ran after them. */
  readonly scriptMs: number
  /** From the begin to the end of all that the page's main thread did: script, style, layout, paint. */
  readonly taskMs: number
  /** Processor time of the main thread. What else runs on the machine does not lengthen it. */
  readonly cpuMs: number
}

type Spent = Pick<Measurement, 'scriptMs' | 'taskMs' | 'cpuMs'>

/** What to open, and how slow a processor to pretend. */
export interface PageQuestion {
  readonly url: string
  /** 4: a quarter of this machine's speed. */
  readonly slowdown: number
}

/**
 * Opens a page of its own, has one answer written into it, and tells what that took.
 *
 * @throws Error when the text on the page is not the answer, or the page reported an error.
 */
export async function measurePage(
  browser: Browser,
  { url, slowdown }: PageQuestion,
): Promise<Measurement> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } })
  try {
    const page = await context.newPage()
    const problems: Error[] = []
    page.on('pageerror', (error) => problems.push(error))
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable')
    await page.goto(url)
    await page.waitForFunction('window.bench !== undefined', undefined, { timeout: 60_000 })
    await session.send('HeapProfiler.collectGarbage')
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    const before = await spentBy(session)
    const sighting = await page.evaluate<Sighting>('window.bench.run()')
    const after = await spentBy(session)
    if (problems[0]) throw problems[0]
    return {
      ...sighting,
      scriptMs: after.scriptMs - before.scriptMs,
      taskMs: after.taskMs - before.taskMs,
      cpuMs: after.cpuMs - before.cpuMs,
    }
  } finally {
    await context.close()
  }
}

async function spentBy(session: CDPSession): Promise<Spent> {
  const { metrics } = await session.send('Performance.getMetrics')
  const msOf = (name: string): number =>
    (metrics.find((metric) => metric.name === name)?.value ?? Number.NaN) * 1_000
  return {
    scriptMs: msOf('ScriptDuration'),
    taskMs: msOf('TaskDuration'),
    cpuMs: msOf('ThreadTime'),
  }
}
