// rule 19: a process is killed at each stage of a durable turn and started again.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { until } from '@fal-llm/testkit/settled'
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
  await until(() => submits() > 0)
}

test('killed before fal has said which job it was: nothing is submitted again, and the answer is marked', async () => {
  emulator.faults.add({ match: { call: 'submit' }, fault: { type: 'stall', beforeHead: true } })
  await run('/echo lost', undefined, arrived())
  const last = await run('')
  expect(last.answer).toBeUndefined()
  expect(submits()).toBe(1)
  expect(last.ending).toBe('interrupted')
}, 30_000)

interface Screen {
  readonly status: string
  readonly messages: readonly {
    readonly text: string
    readonly status: string
    readonly requestId?: string
  }[]
  readonly queued: readonly { readonly id: string; readonly text: string }[]
  readonly paused: boolean
  /** The last value that was stored. */
  readonly stored?: string
}

/** A chat in a process of its own. */
interface ChatProcess {
  do(name: string, input?: string): void
  /** Resolves with what is shown, once it is so. */
  until(holds: (screen: Screen) => boolean): Promise<Screen>
  kill(): Promise<void>
  readonly died: Promise<void>
}

const chatProgram = fileURLToPath(
  new URL('../../../testkit/src/programs/chat-by-line.ts', import.meta.url),
)
const children = new Set<ChatProcess>()
afterEach(async () => {
  await Promise.all([...children].map((child) => child.kill()))
  children.clear()
})

function startChat(...words: string[]): ChatProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=@fal-llm/source', '--import', 'tsx', chatProgram, folder, ...words],
    {
      env: { ...process.env, FAL_BASE_URL: emulator.url, FAL_KEY: 'key:secret' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let screen: Screen = { status: '', messages: [], queued: [], paused: false }
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (text) => {
    // The program writes one JSON object per line.
    screen = { ...screen, ...(JSON.parse(text) as Partial<Screen>) }
    for (const look of waiting) look()
  })
  const died = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const started: ChatProcess = {
    do: (...command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    until: (holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!holds(screen)) return
          waiting.delete(look)
          resolve(screen)
        }
        waiting.add(look)
        void died.then(() => reject(new Error(`It died: ${JSON.stringify(screen)}`)))
        look()
      }),
    async kill() {
      child.kill('SIGKILL')
      await died
    },
    died,
  }
  children.add(started)
  return started
}

const textsOf = ({ messages }: Screen): string[] => messages.map(({ text }) => text)
const isDone = ({ status, messages }: Screen): boolean =>
  status === 'ready' &&
  messages.length > 0 &&
  messages.every((message) => message.status === 'done')

test('killed with two durable answers open: both arrive, each was submitted once', async () => {
  const first = startChat()
  first.do('look')
  first.do('send', '/echo one')
  await first.until(({ status }) => status === 'queued')
  first.do('detach')
  first.do('send', '/echo two')
  // The id of each is stored.
  await first.until(({ stored = '' }) => (stored.match(/"job":/g) ?? []).length === 2)
  await first.kill()
  const again = startChat()
  again.do('look')
  const screen = await again.until(isDone)
  expect(textsOf(screen)).toEqual(['/echo one', 'one', '/echo two', 'two'])
  expect(submits()).toBe(2)
}, 30_000)

test('killed between the end of an answer and its storage: fal is asked for the same answer', async () => {
  const first = startChat('ending')
  first.do('send', '/echo paid for')
  await first.died
  const again = startChat()
  again.do('look')
  const screen = await again.until(isDone)
  expect(textsOf(screen)).toEqual(['/echo paid for', 'paid for'])
  expect(submits()).toBe(1)
}, 30_000)

test('killed in the queue, reopened with a send: the first answer arrives, and nothing is submitted twice', async () => {
  const first = startChat()
  first.do('look')
  first.do('send', '/echo one')
  await first.until(({ status }) => status === 'queued')
  await first.kill()
  const again = startChat()
  again.do('send', '/echo two')
  again.do('look')
  const screen = await again.until((now) => isDone(now) && now.messages.length === 4)
  expect(textsOf(screen)).toEqual(['/echo one', 'one', '/echo two', 'two'])
  expect(submits()).toBe(2)
}, 30_000)

test('killed with a waiting turn: it waits for a person, and sendQueuedNow sends it', async () => {
  const first = startChat()
  first.do('look')
  first.do('send', '/echo one')
  first.do('send', '/echo two')
  await first.until(
    ({ status, stored = '' }) =>
      status === 'queued' && stored.includes('/echo two') && stored.includes('"job":'),
  )
  await first.kill()
  const again = startChat()
  again.do('look')
  const { queued } = await again.until((now) => now.paused && isDone(now))
  expect(queued.map(({ text }) => text)).toEqual(['/echo two'])
  expect(submits()).toBe(1)
  again.do('sendQueuedNow', queued[0]?.id)
  const screen = await again.until((now) => isDone(now) && now.messages.length === 4)
  expect(textsOf(screen)).toEqual(['/echo one', 'one', '/echo two', 'two'])
  expect(screen.queued).toEqual([])
  expect(submits()).toBe(2)
}, 30_000)
