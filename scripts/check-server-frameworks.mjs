// Builds a small app for each framework of @fal-llm/server, from the packed tarballs, runs it for production,
// and sends real calls through it: does an event pass when it comes, does leaving stop fal, are status and
// body fal's own? Needs the package registry and some minutes; run by hand: node scripts/check-server-frameworks.mjs [next] [sveltekit] [nuxt]

import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const work = mkdtempSync(join(tmpdir(), 'fal-llm-frameworks-'))
const route = '/api/fal/proxy'

const proxyOf = (door, name) =>
  `import { createFalProxy } from '@fal-llm/server'
import { ${name} } from '@fal-llm/server/${door}'

const proxy = createFalProxy({ allowAnonymous: true })
`

const apps = {
  next: {
    dependencies: { next: '^16.0.0', react: '^19.2.0', 'react-dom': '^19.2.0' },
    files: {
      'app/layout.jsx': `export default ({ children }) => <html><body>{children}</body></html>\n`,
      'app/page.jsx': `export default () => <p>Hello</p>\n`,
      [`app${route}/route.js`]: `${proxyOf('next', 'toNextHandlers')}
export const { GET, POST, PUT } = toNextHandlers(proxy)\n`,
    },
    build: ['next', 'build'],
    start: (port) => [
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
export const { GET, POST, PUT } = toSvelteKitHandlers(proxy)\n`,
    },
    build: ['vite', 'build'],
    start: () => ['build/index.js'],
    // Its own limit is below ours.
    env: { BODY_SIZE_LIMIT: '2M' },
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
    start: () => ['.output/server/index.mjs'],
  },
}

/** fal, as far as the checks need it; `next` lets the second event of a stream go. */
function startFal() {
  const state = { next: () => {}, closed: Promise.resolve(), cancelBody: undefined }
  const server = createServer(async (request, response) => {
    state.closed = new Promise((done) => response.on('close', () => done(performance.now())))
    const body = Buffer.concat(await request.toArray()).toString()
    const path = request.url
    if (path.endsWith('/stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"output":"H","partial":true}\n\n')
      await new Promise((open) => (state.next = open))
      return response.end('data: {"output":"Hi","partial":false}\n\n')
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

const checks = {
  'passes an event before the next one exists': async ({ call, fal }) => {
    const response = await call(`${run}/stream`, post('{}'))
    const reader = response.body.getReader()
    const first = new TextDecoder().decode((await reader.read()).value)
    fal.state.next()
    const second = new TextDecoder().decode((await reader.read()).value)
    return (
      first.includes('"H"') &&
      second.includes('"Hi"') &&
      response.headers.get('content-type') === 'text/event-stream'
    )
  },
  'stops fal within 500 ms when the caller leaves in the middle': async ({ call, fal }) => {
    const caller = new AbortController()
    const response = await call(`${run}/stream`, { ...post('{}'), signal: caller.signal })
    await response.body.getReader().read()
    return stopsWithin(500, caller, fal)
  },
  'stops fal within 500 ms when the caller leaves before the first byte': async ({ call, fal }) => {
    const caller = new AbortController()
    const left = call(run, { ...post('{"prompt":"silent"}'), signal: caller.signal }).catch(
      () => {},
    )
    await until(async () => (await Promise.race([fal.state.closed, 'open'])) === 'open')
    const stopped = await stopsWithin(500, caller, fal)
    await left
    return stopped
  },
  "keeps fal's status and body": async ({ call }) => {
    const response = await call(run, post('{}'))
    return (
      response.status === 422 && (await response.text()) === '{"detail":[{"msg":"Field required"}]}'
    )
  },
  'passes a cancel without a body': async ({ call, fal }) => {
    const target = 'https://queue.fal.run/openrouter/router/requests/R1/cancel'
    const response = await call(target, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
    })
    return response.status === 202 && fal.state.cancelBody === ''
  },
  'refuses another target, a large body and XML': async ({ call }) => {
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
    return String(statuses) === '412,413,415'
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
  const folder = join(work, name)
  const manifest = {
    name: `fixture-${name}`,
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
  execFileSync('npx', command, quiet)
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
  const server = spawn('node', app.start(probe.port), {
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
    const outcomes = []
    for (const [what, isSo] of Object.entries(checks)) {
      const ok = await isSo({ call, fal }).catch((error) => void console.error(error))
      outcomes.push(ok === true)
      console.log(`${ok === true ? 'ok  ' : 'FAIL'} ${name} ${what}`)
    }
    return outcomes
  } finally {
    server.kill()
    await fal.close()
  }
}

const asked = process.argv.slice(2)
const names = asked.length > 0 ? asked : Object.keys(apps)
try {
  const packages = pack()
  const outcomes = []
  for (const name of names) outcomes.push(...(await check(name, apps[name], packages)))
  const failed = outcomes.filter((ok) => !ok).length
  console.log(`${outcomes.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  rmSync(work, { recursive: true, force: true })
}
