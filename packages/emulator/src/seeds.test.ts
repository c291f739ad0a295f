import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extractCurl, extractJavaScript } from '../test/extract-samples.ts'
import { runModule, runProgram } from '../test/run-program.ts'
import { toExecEnvironment } from './cli/exec.ts'
import { startEmulator } from './serve.ts'
import type { RunningEmulator } from './serve.ts'

const folder = new URL('../fixtures/seeds/', import.meta.url)
const pages = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

/** The id that the samples for status and result ask for. */
const sampleId = '764cabcf-b745-4b3e-ae38-1200304cf45b'

const scripts = pages.flatMap(({ name, text }) =>
  extractJavaScript(text).map((code, index) => ({ name, index: index + 1, code })),
)
const commands = pages.flatMap(({ name, text }) =>
  extractCurl(text).map((command) => ({ name, command })),
)

let emulator: RunningEmulator
beforeAll(async () => {
  let isFirst = true
  const createId = (): string => {
    const id = isFirst ? sampleId : crypto.randomUUID()
    isFirst = false
    return id
  }
  // Slow enough for a job to be seen at work, and no job waits for another.
  const pace = { tokensPerSecond: 50, minEventIntervalMs: 50, concurrency: 50 }
  emulator = await startEmulator({ createId, ...pace })
  await fetch(`${emulator.url}/queue.fal.run/fal-ai/any-llm`, {
    method: 'POST',
    headers: { authorization: 'Key a:b', 'content-type': 'application/json' },
    body: '{"prompt":"the one that the samples ask for"}',
  })
  await emulator.until(() => emulator.queue.kept === 1)
}, 60_000)
afterAll(() => emulator.close())

describe('the pages', () => {
  it('hold as many samples as a reader counts', () => {
    const count = (list: readonly { name: string }[]) =>
      pages.map(({ name }) => [name, list.filter((sample) => sample.name === name).length])
    expect(Object.fromEntries(count(scripts))).toEqual({
      'any-llm-enterprise.txt': 7,
      'any-llm.txt': 1,
      'any-llm-older.txt': 7,
      'router.txt': 7,
      'router-vision.txt': 0,
    })
    expect(Object.fromEntries(count(commands))).toMatchObject({
      'any-llm-enterprise.txt': 1,
      'any-llm.txt': 1,
    })
  })

  it('are read without swallowing what stands behind a sample', () => {
    for (const { code } of scripts) expect(code.trimEnd()).toMatch(/[;}]$/)
  })
})

describe('JavaScript samples, as they stand', () => {
  // What each is called by, and what must have been seen of it.
  const calls = [
    [
      'fal.subscribe',
      ['submit', 'status', 'result'],
      /^Asking [\s\S]*output:[\s\S]*[0-9a-f-]{36}\n$/,
    ],
    ['fal.stream', ['stream'], /partial: false/],
    ['fal.queue.submit', ['submit'], /^$/],
    ['fal.queue.status', ['status'], /^$/],
    ['fal.queue.result', ['result'], /output:/],
    ['fal.storage.upload', ['upload'], /^$/],
    ['fal.config', [], /^$/],
  ] as const

  for (const { name, index, code } of scripts) {
    const [called, expected, output] = calls.find(([call]) => code.includes(call)) ?? ['?', [], /./]
    it.concurrent(`${name} ${index}: ${called}`, async () => {
      const environment = toExecEnvironment({ ...process.env, NODE_OPTIONS: '' }, emulator.url)
      const { code: exitCode, stdout, stderr } = await runModule(code, environment)
      expect(stderr).toBe('')
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(output)
      const accepted = new Set(emulator.requests.map((request) => request.accepted))
      expect([...accepted]).toEqual(expect.arrayContaining([...expected]))
    }, 60_000)
  }

  it('called no webhook on another machine, and were refused nothing', () => {
    expect(emulator.requests.filter(({ status = 0 }) => status >= 400)).toEqual([])
    expect(emulator.storedBytes).toBe(3 * 'Hello, World!'.length)
  })
})

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe('cURL samples, as they stand but for the host', () => {
  // curl maps hosts only over TLS; so the URL is rewritten to where the emulator has that host.
  for (const { command, name } of commands) {
    it.skipIf(!hasCurl)(hasCurl ? name : `${name} (skipped: curl is not installed)`, async () => {
      const mapped = command.replace('https://fal.run/', `${emulator.url}/fal.run/`)
      expect(mapped).not.toBe(command)
      const environment = { ...process.env, FAL_KEY: 'a:b' }
      const { code, stdout } = await runProgram('sh', ['-c', mapped], environment)
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        output: expect.stringContaining(name.includes('enterprise') ? 'enterprise' : 'any-llm'),
        partial: false,
      })
    })
  }
})
