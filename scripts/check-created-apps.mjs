// What `npm create fal-llm` gives, for each framework: made from nothing with the packed tarballs, installed, built, type
// checked, tested, and asked for a first word in development. Prints a line per framework. Needs the package registry and
// some minutes: node scripts/check-created-apps.mjs [react] [next] [...]

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack-packages.mjs'

const work = mkdtempSync(join(tmpdir(), 'fal-llm-created-'))
const frameworks = ['react', 'vue', 'svelte', 'next', 'nuxt', 'sveltekit']
const env = {
  ...process.env,
  // A machine without a key, whatever this one has.
  FAL_KEY: '',
  NEXT_TELEMETRY_DISABLED: '1',
  npm_config_user_agent: 'npm/10',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
}

const call = (command, words, cwd) =>
  execFileSync(command, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })

/** The tarballs by the names of their packages, as npm takes them. */
function pack() {
  const tarballs = Object.entries(packPackages(work))
  return Object.fromEntries(tarballs.map(([name, file]) => [name, `file:${file}`]))
}

/** Runs the program as npm would and lets the app find our packages, which no registry has yet. */
function create(framework, tarballs) {
  const cli = join(work, 'node_modules/create-fal-llm/dist/cli.js')
  call('node', [cli, framework, '--framework', framework, '--no-install'], work)
  const app = join(work, framework)
  const path = join(app, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  for (const field of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[field])) {
      manifest[field][name] = tarballs[name] ?? manifest[field][name]
    }
  }
  const { 'create-fal-llm': _, ...overrides } = tarballs
  writeFileSync(path, JSON.stringify({ ...manifest, overrides }, null, 2))
  return app
}

async function findPort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

/** Seconds from `npm run dev` to the first word of an answer, with the page served as well. */
async function measureFirstWord(app) {
  const port = await findPort()
  const startedAt = performance.now()
  const words = ['run', 'dev', '--', '--port', String(port)]
  const server = spawn('npm', words, { cwd: app, env, detached: true, stdio: 'pipe' })
  let printed = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (text) => (printed += text))
  try {
    const url = `http://localhost:${port}`
    const page = await reach(() => fetch(url))
    if (!(await page.text()).includes('<title>')) throw new Error('the page has no title')
    const word = await reach(() => readFirstWord(url))
    if (word === '') throw new Error('the answer began with no word')
    return (performance.now() - startedAt) / 1000
  } catch (error) {
    throw new Error(`${error.message}\n${printed}`, { cause: error })
  } finally {
    process.kill(-server.pid)
  }
}

async function readFirstWord(url) {
  const response = await fetch(`${url}/api/fal/proxy`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-fal-target-url': 'https://fal.run/openrouter/router/stream',
    },
    body: JSON.stringify({ model: 'google/gemini-2.5-flash', prompt: 'Hello' }),
  })
  if (!response.ok) return response
  let text = ''
  for await (const chunk of response.body) {
    text += Buffer.from(chunk)
    const [, word] = /"output":\s*"([^"]+)"/.exec(text) ?? []
    if (word !== undefined) return word
  }
  return ''
}

/** Tries until there is an answer that is no refusal; a server that starts is none yet. */
async function reach(attempt, limitMs = 120_000) {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await attempt().catch((error) => error)
    if (typeof answer === 'string' || answer.ok) return answer
    if (performance.now() > end) {
      throw new Error(`no answer in ${limitMs / 1000} s: ${answer.status ?? answer.message}`)
    }
    await new Promise((done) => setTimeout(done, 200))
  }
}

async function check(framework, tarballs) {
  const app = create(framework, tarballs)
  const seconds = []
  for (const step of ['install', 'run build', 'run typecheck', 'test']) {
    const startedAt = performance.now()
    call('npm', step.split(' '), app)
    seconds.push(
      `${step.replace('run ', '')} ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
    )
  }
  seconds.push(`first word ${(await measureFirstWord(app)).toFixed(1)} s`)
  return seconds.join(', ')
}

const asked = process.argv.slice(2)
try {
  const tarballs = pack()
  writeFileSync(join(work, 'package.json'), '{ "private": true }')
  call('npm', ['install', tarballs['create-fal-llm']], work)
  for (const framework of asked.length > 0 ? asked : frameworks) {
    try {
      console.log(`ok   ${framework.padEnd(9)} ${await check(framework, tarballs)}`)
    } catch (error) {
      process.exitCode = 1
      console.log(
        `FAIL ${framework.padEnd(9)} ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`,
      )
    }
  }
} finally {
  if (process.env['KEEP']) console.log(work)
  else rmSync(work, { recursive: true, force: true })
}
