// Table F: what a proxy costs. Ours on node:http and on Hono beside a bare fetch pass-through and fal's own
// @fal-ai/server-proxy on Hono, each in a process of its own, between one client and one scripted fal.
// Run by hand after `pnpm build`: node bench/proxy.mjs [rounds]. Prints Markdown.
// The peer is installed into a temporary folder: its peers (Next, Remix, …) shall not enter every clone.

import { execFileSync, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request as httpRequest } from 'node:http'
import { createRequire } from 'node:module'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'

const here = import.meta.filename
const root = resolve(import.meta.dirname, '..')
const role = process.env.BENCH_ROLE
const path = '/api/fal/proxy'
const key = 'bench-key-id:bench-key-secret-of-no-use'

const run = 'https://fal.run/openrouter/router'
const stream = `${run}/stream`
const input = JSON.stringify({ prompt: 'Hi', model: 'openai/gpt-4o' })
const answer = JSON.stringify({ output: 'Hello there', partial: false, error: null })
const eventOf = (i, last) =>
  `event: event\r\ndata: {"output":"word ${i}","partial":${i < last}}\r\n\r\n`

/** Milliseconds, the same in every process of this machine. */
const clock = () => performance.timeOrigin + performance.now()

// ── The processes in the middle and behind ────────────────────────────────────────────────────────────────────

/** Answers a run at once, and a stream as its body asks: { events, everyMs, stamped }. */
async function startFal() {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    if (!request.url.endsWith('/stream')) {
      return response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    }
    const { events, everyMs, stamped } = JSON.parse(body)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let i = 1; i <= events; i++) {
      const isTaken = response.write(stamped ? `data: ${clock()}\n\n` : eventOf(i, events))
      if (everyMs > 0) await new Promise((done) => setTimeout(done, everyMs))
      else if (!isTaken) await new Promise((done) => response.once('drain', done))
    }
    return response.end()
  })
  return listen(server)
}

const toFal = (target) => target.replace('https://', `${process.env.BENCH_FAL}/`)

/** The least that could do the job: no checks, the key added, the body handed through. */
async function startBare() {
  const server = createServer(async (request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const upstream = await fetch(toFal(request.headers['x-fal-target-url']), {
      method: request.method,
      headers: { 'content-type': 'application/json', authorization: `Key ${key}` },
      body: Buffer.concat(await request.toArray()),
      signal: gone.signal,
    })
    response.writeHead(upstream.status, { 'content-type': upstream.headers.get('content-type') })
    Readable.fromWeb(upstream.body).pipe(response)
  })
  return listen(server)
}

async function ours() {
  const load = (door) =>
    import(pathToFileURL(join(root, 'packages/server/dist', `${door}.js`)).href)
  const { createFalProxy, createMemoryRateLimit } = await load('index')
  const handler = createFalProxy({
    credentials: key,
    allowAnonymous: true,
    baseUrl: process.env.BENCH_FAL,
    // Counted as by default, but the one caller here is never over its limit; and told of each call with its usage.
    limit: createMemoryRateLimit({ limit: 1_000_000 }),
    maxInFlight: 1_000,
    onFinished: () => {},
  })
  return { handler, load }
}

async function startOursOnNode() {
  const { handler, load } = await ours()
  const { toNodeHandler } = await load('node')
  return listen(createServer(toNodeHandler(handler)))
}

async function startOnHono(route) {
  const require = createRequire(join(process.env.BENCH_PEERS, 'package.json'))
  const { Hono } = require('hono')
  const { createAdaptorServer } = require('@hono/node-server')
  return listen(createAdaptorServer(new Hono().all(path, route(require))))
}

async function startOursOnHono() {
  const { handler, load } = await ours()
  const { toHonoHandler } = await load('hono')
  return startOnHono(() => toHonoHandler(handler))
}

async function startFalsOnHono() {
  const direct = globalThis.fetch
  globalThis.fetch = (url, init) => direct(toFal(String(url)), init)
  return startOnHono((require) => {
    const { createRouteHandler } = require('@fal-ai/server-proxy/hono')
    return createRouteHandler({ resolveFalAuth: () => Promise.resolve(`Key ${key}`) })
  })
}

async function listen(server) {
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${server.address().port}`
}

const roles = {
  fal: startFal,
  bare: startBare,
  node: startOursOnNode,
  hono: startOursOnHono,
  peer: startFalsOnHono,
}

async function serveRole() {
  process.on('message', (message) => {
    if (message === 'usage')
      process.send({ usage: process.cpuUsage(), rss: process.memoryUsage().rss })
  })
  process.on('disconnect', () => process.exit())
  process.send({ url: await roles[role]() })
}

// ── The client ────────────────────────────────────────────────────────────────────────────────────────────────

const rounds = Number(process.argv[2] ?? 5)
const agent = new Agent({ keepAlive: true, maxSockets: 1_000 })

/** Starts a role in its own process. */
async function start(name, env = {}) {
  const child = fork(here, { env: { ...process.env, ...env, BENCH_ROLE: name } })
  const next = () => new Promise((done) => child.once('message', done))
  const { url } = await next()
  const usage = async () => {
    const answered = next()
    child.send('usage')
    const {
      usage: { user, system },
      rss,
    } = await answered
    return { cpuMs: (user + system) / 1_000, rss }
  }
  return { name, url, usage, stop: () => child.kill() }
}

/** One call; resolves with the body and, for each event, how long ago it was sent. */
function call(middle, target, body) {
  const [url, headers] =
    middle.name === 'fal'
      ? [toFal(target), {}]
      : [middle.url + path, { 'x-fal-target-url': target }]
  return new Promise((done, fail) => {
    const options = {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': body.length },
    }
    const sent = httpRequest(url, options, (response) => {
      const lagsMs = []
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece) => {
        for (const [, sentAt] of piece.matchAll(/^data: ([\d.]+)$/gm)) lagsMs.push(clock() - sentAt)
        text += piece
      })
      response.on('end', () => done({ status: response.statusCode, text, lagsMs }))
      response.on('error', fail)
    })
    sent.on('error', fail).end(body)
  })
}

const streamOf = (events) =>
  Array.from({ length: events }, (_, i) => eventOf(i + 1, events)).join('')

function expectExact(got, text) {
  if (got.status !== 200 || got.text !== text)
    throw new Error(`The answer is not exact: ${got.status} ${got.text.slice(0, 200)}`)
}

/** Milliseconds per run call, one after another. */
async function perRequest(middle, calls = 400) {
  const startedAt = performance.now()
  for (let i = 0; i < calls; i++) expectExact(await call(middle, run, input), answer)
  return (performance.now() - startedAt) / calls
}

/** Processor microseconds of the middle per event, of streams as fast as they go. */
async function perEvent(middle, events = 60_000) {
  const before = await middle.usage()
  const startedAt = performance.now()
  expectExact(await call(middle, stream, JSON.stringify({ events, everyMs: 0 })), streamOf(events))
  const wallMs = performance.now() - startedAt
  const after = await middle.usage()
  return {
    wallUs: (wallMs * 1_000) / events,
    cpuUs: ((after.cpuMs - before.cpuMs) * 1_000) / events,
  }
}

/** Median milliseconds from the writing of an event to its arrival, one every 4 ms. */
async function eventLag(middle, events = 250) {
  const body = JSON.stringify({ events, everyMs: 4, stamped: true })
  const { lagsMs } = await call(middle, stream, body)
  if (lagsMs.length !== events) throw new Error(`${lagsMs.length} of ${events} events came`)
  return median(lagsMs)
}

/** 500 streams at once, each an event every 20 ms. */
async function parallel(middle, streams = 500, events = 50) {
  const body = JSON.stringify({ events, everyMs: 20 })
  const whole = streamOf(events)
  const before = await middle.usage()
  const got = await Promise.all(Array.from({ length: streams }, () => call(middle, stream, body)))
  for (const one of got) expectExact(one, whole)
  const after = await middle.usage()
  return { cpuMs: after.cpuMs - before.cpuMs, rssMb: after.rss / 1_048_576 }
}

const quantile = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]
const median = (values) => quantile(values, 0.5)

/** Rows of each middle, one per round; the first round warms up and is thrown away. */
async function measure(middles) {
  const rows = Object.fromEntries(middles.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? middles : middles.toReversed()
    for (const middle of order) {
      const { wallUs, cpuUs } = await perEvent(middle)
      const { cpuMs, rssMb } = await parallel(middle)
      const row = {
        requestMs: await perRequest(middle),
        lagMs: await eventLag(middle),
        wallUs,
        cpuUs,
        cpuMs,
        rssMb,
      }
      if (round > 0) rows[middle.name].push(row)
    }
  }
  return rows
}

const names = {
  fal: 'direct, no proxy',
  bare: 'bare fetch pass-through',
  node: 'ours, node:http',
  hono: 'ours, Hono',
  peer: '@fal-ai/server-proxy, Hono',
}

/** What is compared: the field of a row, how it is written, and whether only what a proxy adds counts. */
const columns = {
  'per request': { field: 'requestMs', write: (ms) => `${ms.toFixed(3)} ms`, isAdded: true },
  'lag of an event': { field: 'lagMs', write: (ms) => `${ms.toFixed(3)} ms`, isAdded: true },
  'time per event, full speed': { field: 'wallUs', write: (us) => `${us.toFixed(1)} µs` },
  'CPU per event, full speed': { field: 'cpuUs', write: (us) => `${us.toFixed(1)} µs` },
  'CPU, 500 streams of 50 events': { field: 'cpuMs', write: (ms) => `${ms.toFixed(0)} ms` },
  'RSS after': { field: 'rssMb', write: (mb) => `${mb.toFixed(0)} MB` },
}

const goals = [
  ['time per event, full speed', 'node', 'bare', 1.1],
  ['lag of an event', 'node', 'bare', 1.1],
  ['per request', 'hono', 'peer', 1],
  ['lag of an event', 'hono', 'peer', 1],
  ['CPU per event, full speed', 'hono', 'peer', 1],
  ['CPU, 500 streams of 50 events', 'hono', 'peer', 1],
]

function print(rows) {
  /** One value per round. */
  const valuesOf = (name, column) => {
    const { field, isAdded } = columns[column]
    return rows[name].map(
      (row, round) => row[field] - (isAdded && name !== 'fal' ? rows.fal[round][field] : 0),
    )
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`
  console.log(
    `Node ${process.version}, ${machine}, load ${loadavg()[0]?.toFixed(1)}, medians of ${rounds} interleaved rounds\n`,
  )
  const heads = Object.entries(columns).map(([column, { isAdded }]) =>
    isAdded ? `added ${column}` : column,
  )
  console.log(`| | ${heads.join(' | ')} |\n|---|${heads.map(() => '---|').join('')}`)
  for (const name of Object.keys(rows)) {
    const cells = Object.keys(columns).map((column) =>
      columns[column].write(median(valuesOf(name, column))),
    )
    console.log(`| ${names[name]} | ${cells.join(' | ')} |`)
  }
  console.log('\n| ratio, round by round | median | quartiles | goal | |\n|---|---|---|---|---|')
  for (const [column, name, base, most] of goals) {
    const bases = valuesOf(base, column)
    const ratios = valuesOf(name, column).map((value, round) => value / bases[round])
    const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part))
    const verdict = middle <= most ? 'met' : low <= most ? 'within the noise' : 'not met'
    console.log(
      `| ${column}: ${names[name]} to ${names[base]} | ${middle.toFixed(2)} | ${low.toFixed(2)}–${high.toFixed(2)} | ≤ ${most} | ${verdict} |`,
    )
  }
}

async function main() {
  const peers = mkdtempSync(join(tmpdir(), 'fal-llm-bench-'))
  const started = []
  try {
    const packages = ['@fal-ai/server-proxy@1.2.1', 'hono@4', '@hono/node-server@2']
    execFileSync(
      'npm',
      [
        'install',
        '--prefix',
        peers,
        '--no-audit',
        '--no-fund',
        '--legacy-peer-deps',
        '--loglevel=error',
        ...packages,
      ],
      { stdio: 'ignore' },
    )
    const fal = await start('fal')
    process.env.BENCH_FAL = fal.url
    started.push(fal)
    for (const name of ['bare', 'node', 'hono', 'peer'])
      started.push(await start(name, { BENCH_PEERS: peers }))
    print(await measure(started))
  } finally {
    for (const { stop } of started) stop()
    agent.destroy()
    rmSync(peers, { recursive: true, force: true })
  }
}

await (role === undefined ? main() : serveRole())
