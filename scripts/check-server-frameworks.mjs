// The doors of @fal-llm/server: a small app behind each, from the packed tarballs, run as for production, and real calls
// through it. Does an event pass when it comes, does leaving stop fal, are status and body fal's own, is a paid job
// noted? Prints a table of doors and cases. Needs the package registry and some minutes; a step of CI, and by hand:
// node scripts/check-server-frameworks.mjs [next] [workerd] [...]

import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const work = mkdtempSync(join(tmpdir(), 'fal-llm-frameworks-'))
const route = '/api/fal/proxy'

/** What the host's own functions hear is sent on to the scripted fal, which the checks can ask. */
const createProxy = (env = 'process.env') => `createFalProxy({
  allowAnonymous: true,
  credentials: ${env}.FAL_KEY,
  baseUrl: ${env}.FAL_BASE_URL,
  onSubmitted: ({ requestId }) => fetch(${env}.FAL_BASE_URL + '/submitted/' + requestId).then(() => {}),
  onFinished: ({ outcome, costUsd }) => fetch(${env}.FAL_BASE_URL + '/finished/' + outcome + '/' + costUsd).then(() => {}),
})`

const proxyOf = (door, name) =>
  `import { createFalProxy } from '@fal-llm/server'
import { ${name} } from '@fal-llm/server/${door}'

const proxy = ${createProxy()}
`

const express = (version) => ({
  dependencies: { express: version },
  files: {
    'server.mjs': `import express from 'express'
${proxyOf('node', 'toNodeHandler')}
express().all('${route}', toNodeHandler(proxy)).get('/', (_, response) => response.send('Hello'))
  .listen(process.env.PORT, '127.0.0.1')\n`,
  },
  start: () => ['node', 'server.mjs'],
})

const hono = (version) => ({
  dependencies: { hono: '^4.13.0', '@hono/node-server': version },
  files: {
    'server.mjs': `import { serve } from '@hono/node-server'
import { Hono } from 'hono'
${proxyOf('hono', 'toHonoHandler')}
const app = new Hono().all('${route}', toHonoHandler(proxy)).get('/', (context) => context.text('Hello'))
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })\n`,
  },
  start: () => ['node', 'server.mjs'],
})

const fetchHandler = `const handle = (request, proxy) =>
  new URL(request.url).pathname === '${route}' ? proxy(request) : new Response('Hello')
`

const apps = {
  node: {
    dependencies: {},
    files: {
      'server.mjs': `import { createServer } from 'node:http'
${proxyOf('node', 'toNodeHandler')}
const handle = toNodeHandler(proxy)
createServer((request, response) =>
  request.url === '${route}' ? handle(request, response) : response.end('Hello'),
).listen(process.env.PORT, '127.0.0.1')\n`,
    },
    start: () => ['node', 'server.mjs'],
  },
  'express 4': express('^4.21.0'),
  'express 5': express('^5.2.0'),
  'hono, node-server 1': hono('^1.19.0'),
  'hono, node-server 2': hono('^2.1.0'),
  workerd: {
    // workerd itself, which miniflare wraps with a worker of its own. What it cannot do, a bare fetch pass-through on it
    // cannot either: it looks for callers who left only when it writes, and ends what broke off like what is whole.
    cannot: ['leaving stops fal', 'leaving early stops fal', 'a cut shows'],
    dependencies: { workerd: '1.20260426.1', esbuild: '^0.28.0' },
    files: {
      'worker.mjs': `import { createFalProxy } from '@fal-llm/server'
${fetchHandler}
let proxy
export default { fetch: (request, env) => handle(request, (proxy ??= ${createProxy('env')})) }\n`,
      'config.capnp': `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "main", esModule = embed "bundle.mjs")],
      compatibilityDate = "2026-01-01",
      compatibilityFlags = ["enable_request_signal"],
      bindings = [
        (name = "FAL_KEY", fromEnvironment = "FAL_KEY"),
        (name = "FAL_BASE_URL", fromEnvironment = "FAL_BASE_URL"),
      ],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", service = "main", http = ())],
);\n`,
    },
    build: ['esbuild', 'worker.mjs', '--bundle', '--format=esm', '--outfile=bundle.mjs'],
    start: (port) => [
      'node_modules/@cloudflare/workerd-linux-64/bin/workerd',
      'serve',
      'config.capnp',
      `--socket-addr=http=127.0.0.1:${port}`,
    ],
  },
  deno: {
    dependencies: { deno: '^2.5.0' },
    files: {
      'server.mjs': `import { createFalProxy, withClientAddress } from '@fal-llm/server'
${fetchHandler}
const proxy = ${createProxy()}
Deno.serve({ port: Number(process.env.PORT), hostname: '127.0.0.1' }, (request, { remoteAddr }) =>
  handle(withClientAddress(request, remoteAddr.hostname), proxy))\n`,
    },
    start: () => ['node_modules/deno/deno', 'run', '-A', '--node-modules-dir=manual', 'server.mjs'],
  },
  bun: {
    dependencies: { bun: '^1.3.0' },
    files: {
      'server.mjs': `import { createFalProxy, withClientAddress } from '@fal-llm/server'
${fetchHandler}
const proxy = ${createProxy()}
Bun.serve({
  port: Number(process.env.PORT),
  hostname: '127.0.0.1',
  idleTimeout: 0,
  fetch: (request, server) => handle(withClientAddress(request, server.requestIP(request)?.address), proxy),
})\n`,
    },
    start: () => ['node_modules/bun/bin/bun.exe', 'server.mjs'],
  },
  next: {
    dependencies: { next: '^16.0.0', react: '^19.2.0', 'react-dom': '^19.2.0' },
    files: {
      'app/layout.jsx': `export default ({ children }) => <html><body>{children}</body></html>\n`,
      'app/page.jsx': `export default () => <p>Hello</p>\n`,
      [`app${route}/route.js`]: `${proxyOf('next', 'toNextHandlers')}
export const { GET, POST, PUT, OPTIONS } = toNextHandlers(proxy)\n`,
    },
    build: ['next', 'build'],
    start: (port) => [
      'node',
      'node_modules/next/dist/bin/next',
      'start',
      '-p',
      String(port),
      '-H',
      '127.0.0.1',
    ],
  },
  sveltekit: {
    dependencies: {
      '@sveltejs/adapter-node': '^5.5.0',
      '@sveltejs/kit': '^2.70.0',
      '@sveltejs/vite-plugin-svelte': '^6.2.0',
      svelte: '^5.0.0',
      vite: '^7.0.0',
    },
    files: {
      'svelte.config.js': `import adapter from '@sveltejs/adapter-node'\nexport default { kit: { adapter: adapter() } }\n`,
      'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite'\nexport default { plugins: [sveltekit()] }\n`,
      'src/app.html': `<html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>\n`,
      'src/routes/+page.svelte': `<p>Hello</p>\n`,
      [`src/routes${route}/+server.js`]: `${proxyOf('sveltekit', 'toSvelteKitHandlers')}
export const { GET, POST, PUT, OPTIONS } = toSvelteKitHandlers(proxy)\n`,
    },
    build: ['vite', 'build'],
    start: () => ['node', 'build/index.js'],
    // Its own limit of 512 KB is below ours and stays: what is over it must be a 413 all the same.
  },
  nuxt: {
    dependencies: { nuxt: '~4.3.1' },
    files: {
      'nuxt.config.js': `export default { compatibilityDate: '2025-11-01', telemetry: false }\n`,
      'app/app.vue': `<template><p>Hello</p></template>\n`,
      [`server${route}.js`]: `${proxyOf('nuxt', 'toNuxtHandler')}
export default toNuxtHandler(proxy)\n`,
    },
    build: ['nuxt', 'build'],
    start: () => ['node', '.output/server/index.mjs'],
  },
}

/** fal, as far as the checks need it; `next` lets the second event of a stream go. */
function startFal() {
  const state = {
    next: () => {},
    closed: Promise.resolve(),
    reached: 0,
    cancelBody: undefined,
    submitted: [],
    finished: [],
  }
  const server = createServer(async (request, response) => {
    const [, told, ...words] = request.url.split('/')
    if (told === 'submitted' || told === 'finished') {
      state[told].push(words.join(' '))
      return response.end()
    }
    state.reached++
    state.closed = new Promise((done) => response.on('close', () => done(performance.now())))
    const body = Buffer.concat(await request.toArray()).toString()
    const path = request.url
    if (path === '/queue.fal.run/openrouter/router') {
      await new Promise((open) => (state.next = open))
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"request_id":"R1"}')
    }
    if (body.includes('live')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const timer = setInterval(() => response.write('data: {"output":"H"}\n\n'), 20)
      return response.on('close', () => clearInterval(timer))
    }
    if (body.includes('broken')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      // Not at once: a reset can overtake the head, and then the answer is a 502.
      setTimeout(() => response.socket.resetAndDestroy(), 50)
      return response.write('data: {"output":"H"}\n\n')
    }
    if (path.endsWith('/stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"output":"H","partial":true}\n\n')
      await new Promise((open) => (state.next = open))
      return response.end('data: {"output":"Hi","partial":false,"usage":{"cost":0.5}}\n\n')
    }
    if (path.endsWith('/cancel')) {
      state.cancelBody = body
      return response
        .writeHead(202, { 'content-type': 'application/json' })
        .end('{"status":"CANCELLATION_REQUESTED"}')
    }
    if (body.includes('silent')) return
    response
      .writeHead(422, { 'content-type': 'application/json' })
      .end('{"detail":[{"msg":"Field required"}]}')
  })
  return listen(server, state)
}

async function listen(server, state = {}) {
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  const close = () => {
    server.closeAllConnections()
    return new Promise((done) => server.close(done))
  }
  return { url: `http://127.0.0.1:${port}`, port, state, close }
}

const run = 'https://fal.run/openrouter/router'
const post = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body })

/** What is checked of each door: a short name for the table, and whether it is so. */
const checks = {
  'event at once': async ({ call, fal }) => {
    const response = await call(`${run}/stream`, post('{}'))
    const reader = response.body.getReader()
    const first = new TextDecoder().decode((await reader.read()).value)
    fal.state.next()
    const second = new TextDecoder().decode((await reader.read()).value)
    while (!(await reader.read()).done);
    await until(() => fal.state.finished.includes('done 0.5'), 5_000)
    return (
      first.includes('"H"') &&
      second.includes('"Hi"') &&
      response.headers.get('content-type') === 'text/event-stream' &&
      response.headers.get('x-request-id').length === 36
    )
  },
  'leaving a live stream stops fal': async ({ call, fal }) => {
    const caller = new AbortController()
    const response = await call(`${run}/stream`, {
      ...post('{"prompt":"live"}'),
      signal: caller.signal,
    })
    await response.body.getReader().read()
    return stopsWithin(500, caller, fal)
  },
  'leaving stops fal': async ({ call, fal }) => {
    const caller = new AbortController()
    const response = await call(`${run}/stream`, { ...post('{}'), signal: caller.signal })
    await response.body.getReader().read()
    return stopsWithin(500, caller, fal)
  },
  'leaving early stops fal': async ({ call, fal }) => {
    const caller = new AbortController()
    const before = fal.state.reached
    const left = call(run, { ...post('{"prompt":"silent"}'), signal: caller.signal }).catch(
      () => {},
    )
    await until(() => fal.state.reached > before)
    const stopped = await stopsWithin(500, caller, fal)
    await left
    return stopped
  },
  '422 as fal sent it': async ({ call }) => {
    const response = await call(run, post('{}'))
    return (
      response.status === 422 && (await response.text()) === '{"detail":[{"msg":"Field required"}]}'
    )
  },
  'cancel without a body': async ({ call, fal }) => {
    const target = 'https://queue.fal.run/openrouter/router/requests/R1/cancel'
    const response = await call(target, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
    })
    return response.status === 202 && fal.state.cancelBody === ''
  },
  '412, 413, 415': async ({ call }) => {
    const statuses = [
      (await call('https://evil-fal.run/openrouter/router', post('{}'))).status,
      (await call(run, post(`{"prompt":"${'x'.repeat(1_100_000)}"}`))).status,
      (
        await call(run, {
          method: 'POST',
          body: '<a/>',
          headers: { 'content-type': 'application/xml' },
        })
      ).status,
    ]
    if (String(statuses) !== '412,413,415') console.error(`statuses: ${statuses}`)
    return String(statuses) === '412,413,415'
  },
  'a cut shows': async ({ call }) => {
    const response = await call(`${run}/stream`, post('{"prompt":"broken"}'))
    return response.text().then(
      () => false,
      () => true,
    )
  },
  'a left job is noted': async ({ call, fal }) => {
    const caller = new AbortController()
    const before = fal.state.reached
    const left = call('https://queue.fal.run/openrouter/router', {
      ...post('{}'),
      signal: caller.signal,
    }).catch(() => {})
    await until(() => fal.state.reached > before)
    caller.abort()
    await left
    await wait(100)
    fal.state.next()
    await until(() => fal.state.submitted.includes('R1'), 5_000)
    return true
  },
}

async function stopsWithin(limitMs, caller, fal) {
  const leftAt = performance.now()
  caller.abort()
  return (
    (await Promise.race([fal.state.closed, wait(2_000).then(() => Infinity)])) - leftAt < limitMs
  )
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms))

async function until(isTrue, limitMs = 30_000) {
  const end = performance.now() + limitMs
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`not so within ${limitMs} ms`)
    await wait(50)
  }
}

function pack() {
  for (const name of ['core', 'server']) {
    const cwd = join(root, 'packages', name)
    execFileSync('npx', ['tsup', '--silent'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
    execFileSync('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', work], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  const tarballs = readdirSync(work).filter((file) => file.endsWith('.tgz'))
  return Object.fromEntries(
    tarballs.map((file) => [`@fal-llm/${/core|server/.exec(file)[0]}`, `file:${join(work, file)}`]),
  )
}

function build(name, { dependencies, files, build: command }, packages) {
  const folder = join(work, name.replace(/\W+/g, '-'))
  const manifest = {
    name: 'fixture',
    private: true,
    type: 'module',
    dependencies: { ...packages, ...dependencies },
  }
  for (const [path, text] of Object.entries({
    ...files,
    'package.json': JSON.stringify(manifest),
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const quiet = {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  }
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], quiet)
  if (command) execFileSync('npx', command, quiet)
  return folder
}

async function check(name, app, packages) {
  const folder = build(name, app, packages)
  const fal = await startFal()
  const probe = await listen(createServer())
  await probe.close()
  const url = `http://127.0.0.1:${probe.port}`
  const env = {
    ...process.env,
    FAL_KEY: 'id:a-fake-secret-of-no-use',
    FAL_BASE_URL: fal.url,
    PORT: String(probe.port),
    HOST: '127.0.0.1',
    NODE_ENV: 'production',
    ...app.env,
  }
  const [command, ...words] = app.start(probe.port)
  const server = spawn(command, words, {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    await until(() =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    const call = (target, init) =>
      fetch(url + route, { ...init, headers: { ...init.headers, 'x-fal-target-url': target } })
    const outcomes = {}
    for (const [what, isSo] of Object.entries(checks)) {
      const ok = await isSo({ call, fal }).catch((error) => void console.error(error))
      const cannot = app.cannot?.includes(what)
      outcomes[what] = ok === true ? 'ok' : cannot ? 'runtime cannot' : 'FAIL'
      console.log(`${outcomes[what].padEnd(4)} ${name}: ${what}`)
    }
    return outcomes
  } finally {
    server.kill()
    await fal.close()
  }
}

/** A door whose app does not even build or start has failed every case. */
async function checkSafely(name, packages) {
  try {
    return await check(name, apps[name], packages)
  } catch (error) {
    console.error(`FAIL ${name}: ${error.message}\n${error.stderr ?? ''}`)
    return Object.fromEntries(Object.keys(checks).map((what) => [what, 'FAIL']))
  }
}

function printTable(table) {
  const cases = Object.keys(checks)
  console.log(`\n| door | ${cases.join(' | ')} |\n|---|${cases.map(() => '---|').join('')}`)
  for (const [name, outcomes] of Object.entries(table)) {
    console.log(`| ${name} | ${cases.map((what) => outcomes[what]).join(' | ')} |`)
  }
}

/** For the closing line of CI. */
function report(passed, failed) {
  const folder = join(root, 'test-artefacts/reports')
  mkdirSync(folder, { recursive: true })
  const summary = { numPassedTests: passed, numFailedTests: failed, success: failed === 0 }
  writeFileSync(join(folder, 'doors.json'), JSON.stringify(summary))
}

const asked = process.argv.slice(2)
const names = asked.length > 0 ? asked : Object.keys(apps)
try {
  const packages = pack()
  const table = {}
  for (const name of names) table[name] = await checkSafely(name, packages)
  printTable(table)
  const outcomes = Object.values(table).flatMap((row) => Object.values(row))
  const failed = outcomes.filter((outcome) => outcome === 'FAIL').length
  // What a runtime cannot do is neither passed nor failed.
  const passed = outcomes.filter((outcome) => outcome === 'ok').length
  report(passed, failed)
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  rmSync(work, { recursive: true, force: true })
}
