// Table F: what a proxy costs. Ours on node:http and on Hono beside a bare fetch that passes everything on and fal's own
// @fal-ai/server-proxy on Hono, each in a process of its own, between one client and one scripted fal.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProcesses } from './harness/processes.ts'
import { expectExact, interleave, machineMs, median, quick } from './harness/rounds.ts'
import { printTable, toRow } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'
import type { MiddleQuestion, MiddleUsage, Role } from './proxy/middle.ts'
import { answer, eventOf, proxyPath, runUrl, toFal } from './proxy/wire.ts'
import type { WantedStream } from './proxy/wire.ts'

const size = quick
  ? { calls: 100, events: 20_000, lags: 100, streams: 100 }
  : { calls: 400, events: 60_000, lags: 250, streams: 500 }
const proxies = [
  'bare fetch',
  'ours, node:http',
  'ours, Hono',
  '@fal-ai/server-proxy, Hono',
] as const

/** What one round of a contender took. */
interface Sample {
  readonly requestMs: number
  readonly lagMs: number
  readonly wallUs: number
  readonly cpuUs: number
  readonly cpuMs: number
  readonly rssMb: number
}

const processes = createProcesses('proxy/middle.ts')
const agent = new Agent({ keepAlive: true, maxSockets: 1_000 })
const peers = mkdtempSync(join(tmpdir(), 'fal-llm-bench-'))
const start = (role: Role, fal: string): Promise<string> =>
  processes.ask<string>(role, { ask: 'start', role, fal, peers } satisfies MiddleQuestion)
const usageOf = (role: Role): Promise<MiddleUsage> =>
  processes.ask<MiddleUsage>(role, { ask: 'usage' } satisfies MiddleQuestion)

/** The peer goes into a folder of its own: its peer dependencies (Next, Remix, …) must not enter every clone. */
function installPeer(): void {
  const flags = ['--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error']
  const packages = ['@fal-ai/server-proxy@1.2.1', 'hono@4']
  execFileSync('npm', ['install', '--prefix', peers, ...flags, ...packages], { stdio: 'ignore' })
}

/** Measures what listens at a URL; the scripted fal is measured without a proxy. */
function contenderOf(role: Role, url: string) {
  /** Resolves with the body and, for each stamped event, how long ago it was written. */
  const call = (target: string, body: string): Promise<{ text: string; lagsMs: number[] }> =>
    new Promise((resolve, reject) => {
      const isDirect = role === 'fal'
      const headers = {
        'content-type': 'application/json',
        'content-length': body.length,
        ...(!isDirect && { 'x-fal-target-url': target }),
      }
      const options = { method: 'POST', agent, headers }
      const address = isDirect ? toFal(url, target) : url + proxyPath
      const sent = request(address, options, (response) => {
        const lagsMs: number[] = []
        let text = response.statusCode === 200 ? '' : `${response.statusCode} `
        response.setEncoding('utf8')
        response.on('data', (piece: string) => {
          for (const [, sentAt] of piece.matchAll(/^data: ([\d.]+)$/gm)) {
            lagsMs.push(machineMs() - Number(sentAt))
          }
          text += piece
        })
        response.on('end', () => resolve({ text, lagsMs })).on('error', reject)
      })
      sent.on('error', reject).end(body)
    })
  const stream = (wanted: WantedStream) => call(`${runUrl}/stream`, JSON.stringify(wanted))
  const textOf = (events: number): string =>
    Array.from({ length: events }, (_, index) => eventOf(index + 1, events)).join('')

  /** Runs one after another. */
  const perRequest = async (): Promise<number> => {
    const input = JSON.stringify({ prompt: 'Hi', model: 'openai/gpt-4o' })
    const startedAt = performance.now()
    for (let count = 0; count < size.calls; count++) {
      expectExact((await call(runUrl, input)).text, answer)
    }
    return (performance.now() - startedAt) / size.calls
  }
  /** One stream, as fast as it goes. */
  const perEvent = async (): Promise<{ wallUs: number; cpuUs: number }> => {
    const { events } = size
    const before = await usageOf(role)
    const startedAt = performance.now()
    expectExact((await stream({ events, everyMs: 0 })).text, textOf(events))
    const wallMs = performance.now() - startedAt
    const used = (await usageOf(role)).cpuMs - before.cpuMs
    return { wallUs: (wallMs * 1_000) / events, cpuUs: (used * 1_000) / events }
  }
  /** From the writing of an event to its arrival, one every 4 ms. */
  const eventLag = async (): Promise<number> => {
    const { lagsMs } = await stream({ events: size.lags, everyMs: 4, stamped: true })
    expectExact(lagsMs.length, size.lags)
    return median(lagsMs)
  }
  /** Many streams at once, each an event every 20 ms. */
  const parallel = async (): Promise<MiddleUsage> => {
    const wanted = { events: 50, everyMs: 20 }
    const before = await usageOf(role)
    const answers = await Promise.all(Array.from({ length: size.streams }, () => stream(wanted)))
    for (const { text } of answers) expectExact(text, textOf(wanted.events))
    const after = await usageOf(role)
    return { cpuMs: after.cpuMs - before.cpuMs, rssMb: after.rssMb }
  }
  const run = async (): Promise<Sample> => ({
    ...(await perEvent()),
    ...(await parallel()),
    requestMs: await perRequest(),
    lagMs: await eventLag(),
  })
  return { name: role === 'fal' ? 'direct' : role, run }
}

const node = { of: 'ours, node:http', to: 'bare fetch', atMost: 1.1, allowsNoise: true }
const hono = { of: 'ours, Hono', to: '@fal-ai/server-proxy, Hono', atMost: 1, allowsNoise: true }

try {
  installPeer()
  const fal = await start('fal', '')
  const contenders = [contenderOf('fal', fal)]
  for (const role of proxies) contenders.push(contenderOf(role, await start(role, fal)))
  const found = await interleave('proxies', contenders)
  const row = (
    work: string,
    unit: string,
    figure: (sample: Sample) => number,
    goals: readonly Goal[] = [],
  ): Row => toRow({ work, unit, goals }, found, figure)
  /** What a proxy adds to what the same takes without one, round by round. */
  const added = (work: string, key: 'requestMs' | 'lagMs', goals: readonly Goal[]): Row => {
    const whole = row(work, 'ms', (sample) => sample[key], goals)
    const direct = whole.samples.get('direct') ?? []
    const samples = [...whole.samples].map(([name, values]) => {
      const own = values.map((value, round) => value - (direct[round] ?? Number.NaN))
      return [name, name === 'direct' ? values : own] as const
    })
    return { ...whole, samples: new Map(samples) }
  }
  const streams = `${size.streams} streams of 50 events`
  printTable(
    'F. The proxy',
    ['direct', ...proxies],
    [
      added('added per request', 'requestMs', [hono]),
      added('added lag of an event', 'lagMs', [node, hono]),
      row('time per event, full speed', 'µs', ({ wallUs }) => wallUs, [node]),
      row('CPU per event, full speed', 'µs', ({ cpuUs }) => cpuUs, [hono]),
      row(`CPU, ${streams}`, 'ms', ({ cpuMs }) => cpuMs, [hono]),
      row('RSS after', 'MB', ({ rssMb }) => rssMb),
    ],
  )
} finally {
  processes.stopAll()
  agent.destroy()
  rmSync(peers, { recursive: true, force: true })
}
