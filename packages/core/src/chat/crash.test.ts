// rule 19: a process is killed at each stage of a durable turn and started again.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { afterEach, beforeEach, expect, test } from 'vitest'

let emulator: RunningEmulator
let folder: string
beforeEach(async () => {
  emulator = await startEmulator({ firstTokenMs: 400, queueDelayMs: 100 })
  folder = mkdtempSync(join(tmpdir(), 'fal-llm-crash-'))
})
afterEach(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})
const program = fileURLToPath(
  new URL('../../../testkit/src/programs/durable-turn.ts', import.meta.url),
)

interface Line {
  readonly status?: string
  readonly ending?: string
  readonly queue?: { readonly logs: readonly unknown[] }
  readonly answer?: { readonly status: string; readonly text: string; readonly requestId: string }
}

/** Runs the program; kills it with the first line for which `kill` holds. Resolves with what its lines said last. */
function run(
  prompt: string,
  kill: (line: Line) => boolean = () => false,
  killAfter?: Promise<void>,
): Promise<Line> {
  const child = spawn(
    process.execPath,
    ['--conditions=@fal-llm/source', '--import', 'tsx', program, folder, prompt],
    {
      env: { ...process.env, FAL_BASE_URL: emulator.url, FAL_KEY: 'key:secret' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  void killAfter?.then(() => child.kill('SIGKILL'))
  let last: Line = {}
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (text) => {
    // The program writes one JSON object per line.
    last = { ...last, ...(JSON.parse(text) as Line) }
    if (kill(last)) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(last))
  })
}
const submits = (): number =>
  emulator.requests.filter((request) => request.accepted === 'submit').length

test.each<[string, (line: Line) => boolean]>([
  ['as soon as it says queued', ({ status }) => status === 'queued'],
  ['in the queue', ({ status, queue }) => status === 'queued' && queue !== undefined],
  ['while the answer is written', ({ queue }) => (queue?.logs.length ?? 0) > 0],
])(
  'killed %s: one submit, the same job, the whole answer',
  async (_name, kill) => {
    await run('/echo after the crash', kill)
    const { answer } = await run('')
    expect(answer).toMatchObject({ status: 'done', text: 'after the crash' })
    expect(submits()).toBe(1)
    const [submit] = emulator.requests
    expect(
      emulator.requests.some(
        ({ call, path }) => call === 'result' && path.includes(answer?.requestId ?? 'none'),
      ),
    ).toBe(true)
    expect(submit?.call).toBe('submit')
    expect((await run('')).answer).toBeUndefined()
  },
  30_000,
)

async function arrived(): Promise<void> {
  while (submits() === 0) await new Promise((resolve) => setImmediate(resolve))
}

test('killed before fal has said which job it was: nothing is submitted again, and the answer is marked', async () => {
  emulator.faults.add({ match: { call: 'submit' }, fault: { type: 'stall', beforeHead: true } })
  await run('/echo lost', undefined, arrived())
  const last = await run('')
  expect(last.answer).toBeUndefined()
  expect(submits()).toBe(1)
  expect(last.ending).toBe('interrupted')
}, 30_000)
