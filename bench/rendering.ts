// Table C: rendering in Chromium. An answer of 500 tokens a second is written into a conversation of 200 messages, each
// contender on a page of its own, built as for production. Everyone gets the same text at the same moments.

import { findChromium } from '@fal-llm/app-shared/e2e/find-chromium'
import { chromium } from 'playwright-core'
import { interleave, median, quick } from './harness/rounds.ts'
import { printTable, toRow } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'
import { buildPages } from './rendering/build-pages.ts'
import { measurePage } from './rendering/measure-page.ts'
import type { Measurement } from './rendering/measure-page.ts'
import { servePages } from './rendering/serve-pages.ts'

/** A page, and how it is opened. */
interface PageContender {
  /** The script in `rendering/page/`. */
  readonly page: string
  readonly query?: string
  /** How much slower than this machine. Default 1. */
  readonly slowdown?: number
  /** Measured once: nothing is held against it, and it takes long. */
  readonly once?: boolean
  /** How long the answer is at most, where a shorter one is enough. */
  readonly tokens?: number
}

// A slow page is measured by its frames a second: half the answer is enough.
const slow = { slowdown: 4, once: true, tokens: 2_500 } as const
const contenders: Readonly<Record<string, PageContender>> = {
  'React: ours': { page: 'react-ours' },
  'React: ours, flush 50': { page: 'react-ours', query: 'flush=50' },
  'React: ai, memoised': { page: 'react-ai', query: 'memoised' },
  'React: ai, throttle 50': { page: 'react-ai', query: 'memoised&throttle=50' },
  'React: floor': { page: 'floor' },
  'Svelte: ours': { page: 'svelte-ours' },
  'Svelte: ai': { page: 'svelte-ai' },
  'Vue: ours': { page: 'vue-ours' },
  'Vue: ai': { page: 'vue-ai' },
  Markdown: { page: 'react-markdown' },
  // It costs the same in every second: three of them are enough.
  idle: { page: 'floor', query: 'idle', tokens: 1_500 },
  'React: ai, as documented': { page: 'react-ai', once: true },
  'React: TanStack': { page: 'react-tanstack', once: true },
  'Markdown, slow': { page: 'react-markdown', ...slow },
  'React: ai, memoised, slow': { page: 'react-ai', query: 'memoised', ...slow },
}

const rounds = quick ? 1 : 3
const tokens = quick ? 1_500 : 5_000
/** A short answer opens a page and warms up what pages share: the browser, and its cache of compiled scripts. */
const warmUpTokens = 100

const scripts = await buildPages([...new Set(Object.values(contenders).map(({ page }) => page))])
const pages = await servePages(scripts)
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
const found = await interleave(
  'pages',
  Object.entries(contenders).map(([name, contender]) => {
    const { page, query = '', slowdown = 1, once = false, tokens: atMost = tokens } = contender
    const measure = (count: number): Promise<Measurement> =>
      measurePage(browser, { url: `${pages.origin}/${page}?tokens=${count}&${query}`, slowdown })
    return {
      name,
      once,
      async run(isWarmUp: boolean) {
        console.error(`… ${name}`)
        return measure(isWarmUp ? warmUpTokens : Math.min(atMost, tokens))
      },
    }
  }),
  rounds,
).finally(async () => {
  pages.close()
  await browser.close()
})
const version = `Chromium ${browser.version()}`

const idle = found.samples.get('idle') ?? []
const idleTask = median(idle.map(({ taskMs, seconds }) => taskMs / seconds))
const idleCpu = median(idle.map(({ cpuMs, seconds }) => cpuMs / seconds))

const memoised = 'ai 6, memoised rows'
const columns = [
  'ours',
  'ours, flush 50',
  'ai 6 as documented',
  memoised,
  'ai 6, throttle 50',
  'TanStack',
  'floor',
] as const
/** The contender of each column. */
type Contestants = Readonly<Partial<Record<(typeof columns)[number], string>>>
type Metric = (measurement: Measurement) => number

function row(
  work: string,
  unit: string,
  metric: Metric,
  contestants: Contestants,
  goals: readonly Goal[] = [],
): Row {
  // Without the idle page it is not known that the source itself is exact. Here a peer measured once voids its rows, too.
  const faults = new Map([...found.faults, ...found.peerFaults])
  const failed = ['idle', ...Object.values(contestants)].find((name) => faults.has(name))
  const measured = toRow({ work, unit, goals }, found, metric, contestants)
  return failed === undefined ? measured : { ...measured, void: `${failed}: ${faults.get(failed)}` }
}

const scriptMs: Metric = (measurement) => measurement.scriptMs
const taskMs: Metric = (measurement) => measurement.taskMs
const netTaskMs: Metric = (measurement) => measurement.taskMs - idleTask * measurement.seconds
const netCpuMs: Metric = (measurement) => measurement.cpuMs - idleCpu * measurement.seconds
const rowRenders: Metric = ({ renders }) => renders.all
const otherRenders: Metric = ({ renders }) => renders.ofOthers
const rendersPerFrame: Metric = ({ renders, frames }) => renders.ofAnswer / frames
const commits: Metric = (measurement) => measurement.commits
const commitsBeyondFrames: Metric = (measurement) => measurement.commits - measurement.frames
const framesPerSecond: Metric = ({ frames, seconds }) => frames / seconds
const lagMs: Metric = (measurement) => measurement.lagMs

const inReact: Contestants = {
  ours: 'React: ours',
  'ours, flush 50': 'React: ours, flush 50',
  'ai 6 as documented': 'React: ai, as documented',
  [memoised]: 'React: ai, memoised',
  'ai 6, throttle 50': 'React: ai, throttle 50',
  TanStack: 'React: TanStack',
}
const inReactWithFloor: Contestants = { ...inReact, floor: 'React: floor' }
const atFlush50: Contestants = {
  ours: 'React: ours, flush 50',
  'ai 6, throttle 50': 'React: ai, throttle 50',
}
const inSvelte: Contestants = { ours: 'Svelte: ours', [memoised]: 'Svelte: ai' }
const inVue: Contestants = { ours: 'Vue: ours', [memoised]: 'Vue: ai' }
const asMarkdown: Contestants = { ours: 'Markdown', [memoised]: 'React: ai, memoised' }
const whenSlow: Contestants = { ours: 'Markdown, slow', [memoised]: 'React: ai, memoised, slow' }

const reactGoals: readonly Goal[] = [
  { to: memoised, atMost: 0.7 },
  { to: 'floor', atMost: 1.1 },
]
const flushGoals: readonly Goal[] = [{ to: 'ai 6, throttle 50', atMost: 0.7 }]
const markdownGoals: readonly Goal[] = [{ to: memoised, atMost: 0.4 }]

const rows: Row[] = [
  row('React: script', 'ms', scriptMs, inReactWithFloor),
  row('React: task', 'ms', taskMs, inReactWithFloor),
  row('React: net task', 'ms', netTaskMs, inReactWithFloor, reactGoals),
  row('… the same as CPU time', 'ms', netCpuMs, inReactWithFloor, reactGoals),
  row('React, `flush: 50`: net task', 'ms', netTaskMs, atFlush50, flushGoals),
  row('… the same as CPU time', 'ms', netCpuMs, atFlush50, flushGoals),
  row('React: row renders', '', rowRenders, inReact),
  row("React: other rows' renders", '', otherRenders, inReact, [{ atMost: 0 }]),
  row('React: commits', '', commits, inReact),
  row('React: commits beyond the frames', '', commitsBeyondFrames, inReact, [{ atMost: 4 }]),
  row('React: frames a second', '', framesPerSecond, inReactWithFloor),
  row('React: last token to final DOM', 'ms', lagMs, inReactWithFloor),
  row('Svelte: script', 'ms', scriptMs, inSvelte, [{ to: memoised, atMost: 0.2 }]),
  row('Svelte: task', 'ms', taskMs, inSvelte),
  row('Svelte: net task', 'ms', netTaskMs, inSvelte),
  row('… the same as CPU time', 'ms', netCpuMs, inSvelte),
  row('Svelte: row updates', '', rowRenders, inSvelte),
  row("Svelte: other rows' updates", '', otherRenders, inSvelte, [{ atMost: 0 }]),
  row('Svelte: last token to final DOM', 'ms', lagMs, inSvelte),
  row('Vue: script', 'ms', scriptMs, inVue),
  row('Vue: task', 'ms', taskMs, inVue, [{ to: memoised, atMost: 0.75 }]),
  row('Vue: net task', 'ms', netTaskMs, inVue),
  row('… the same as CPU time', 'ms', netCpuMs, inVue),
  row('Vue: row renders', '', rowRenders, inVue),
  row("Vue: growing row's renders per frame", '', rendersPerFrame, inVue, [{ atMost: 1 }]),
  row("Vue: other rows' renders", '', otherRenders, inVue, [{ atMost: 0 }]),
  row('Vue: last token to final DOM', 'ms', lagMs, inVue),
  row("the demo's Markdown: script", 'ms', scriptMs, asMarkdown),
  row("the demo's Markdown: task", 'ms', taskMs, asMarkdown),
  row("the demo's Markdown: net task", 'ms', netTaskMs, asMarkdown, markdownGoals),
  row('… the same as CPU time', 'ms', netCpuMs, asMarkdown, markdownGoals),
  row("the demo's Markdown: last token to final DOM", 'ms', lagMs, asMarkdown, [{ atMost: 50 }]),
  row('… 4 × slower: frames a second', '', framesPerSecond, whenSlow, [{ atLeast: 58 }]),
  row('… 4 × slower: last token to final DOM', 'ms', lagMs, whenSlow, [{ atMost: 50 }]),
]
printTable(
  `C. Rendering in Chromium: ${tokens.toLocaleString('en-US')} tokens at 500 a second into 200 messages`,
  columns,
  rows,
  rounds,
)
console.log(`
- ${version}, 1280 × 800. A short answer on each page warms up. Once: \`ai 6 as documented\`, TanStack, and what is slowed
  down (2,500 tokens at most).
- Task is all that the page's main thread did, by the clock: other work on the machine lengthens it, but not the CPU time
  of the same thread. Net: less what the same time costs on a page with the same messages and source that shows no answer
  (task ${Math.round(idleTask)}, CPU ${Math.round(idleCpu)} ms a second). Script is as Chromium counts it: without most microtasks, where Vue renders.
- Everyone shows the same text as it stands; the demo reads it as Markdown. In Svelte and Vue each row is a component.`)
