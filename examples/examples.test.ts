// Runs every example as it stands, each against an emulator of its own, and looks at what it printed.
// An example whose name is neither in the list below nor in a test beside it fails here.

import { mkdtemp, readFile, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineEndpoint, endpoints } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import type { EmulatorOptions, RunningEmulator } from '@fal-llm/emulator'
import { describe, expect, test } from 'vitest'
import { runExample } from './run-example.ts'
import type { Finished } from './run-example.ts'

interface Expectation {
  readonly emulator?: EmulatorOptions
  /** How often it is run; with the same folder as its first word. Default once. */
  readonly runs?: number
  /** Everything that must be printed. */
  readonly prints: readonly (string | RegExp)[]
  /** The calls the emulator must have accepted, in order. */
  readonly calls?: readonly string[]
  check?(finished: Finished, emulator: RunningEmulator): void
}

/** What the emulator says of itself when it is asked nothing special. */
const greeting = 'The emulator answers'

const expectations: Readonly<Record<string, Expectation>> = {
  '01-hello': { prints: [greeting, /^\d+ tokens, \$0\.\d+$/m], calls: ['stream'] },
  '02-stream': {
    prints: [greeting, /\nstop: the first token came after \d+ ms\n$/],
    calls: ['stream'],
  },
  '03-chat': {
    prints: ['submitted 2\n', 'ready 4\n', /done ## .*turns: 3 in all, 2 of them yours/s],
    calls: ['stream', 'stream'],
    check: (_, { requests }) =>
      expect(requests[0]?.body).toMatchObject({
        prompt: 'My name is Ada.',
        system_prompt: 'Answer briefly.',
      }),
  },
  '04-models-and-params': {
    prints: ['openai/gpt-4o (10x)\nopenai/gpt-4.1 (10x)\n', 'meta-llama/llama-4-maverick: ## The'],
    calls: ['stream'],
    check: (_, { requests }) =>
      expect(requests[0]?.body).toMatchObject({
        model: 'meta-llama/llama-4-maverick',
        temperature: 0.2,
        max_tokens: 20,
        priority: 'throughput',
      }),
  },
  '05-reasoning': {
    prints: [greeting, /\n[1-9]\d* characters of thought, [1-9]\d* of answer\n$/],
    calls: ['stream'],
    check: ({ stderr, stdout }) => {
      expect(stderr).toContain('I was asked for reasoning')
      expect(stdout).not.toContain('I was asked for reasoning')
    },
  },
  '06-openai-messages': {
    prints: [greeting, 'turns: 3 in all, 2 of them yours', /costUsd: 0\.\d+/],
    calls: ['openai'],
    check: (_, { requests }) =>
      expect(requests[0]?.body).toMatchObject({
        messages: [
          { role: 'system', content: 'You are a pirate.' },
          { role: 'user', content: 'Hello!' },
          { role: 'assistant', content: 'Ahoy!' },
          { role: 'user', content: 'Where are we going?' },
        ],
        top_p: 0.9,
        seed: 7,
      }),
  },
  '07-vision-upload': {
    prints: [/^0\/(\d+) bytes\n\1\/\1 bytes\nhttp:\/\/.*tiger\.png\n/, /1\. `http:.*tiger\.png`/],
    calls: ['upload', 'upload', 'stream'],
  },
  '08-queue': {
    // Which statuses come before the last one depends on how busy this machine is.
    prints: [/^COMPLETED $/m, /^ {2}Asking google\/gemini-flash-1\.5$/m, greeting],
    check: (_, emulator) => expect(acceptedBy(emulator, 'submit')).toHaveLength(1),
  },
  '09-attach': {
    prints: [/^submitted [\da-f-]{36} to openrouter\/router\n/, greeting],
    check: (_, emulator) => expect(acceptedBy(emulator, 'submit')).toHaveLength(1),
  },
  '10-cancel': {
    prints: [/^cancelled\n$/],
    calls: ['submit', 'cancel'],
    emulator: { firstTokenMs: 60_000 },
  },
  '11-errors': {
    prints: [
      /^invalid-input false\n/,
      /^body\.temperature: .*2$/m,
      /^body\.max_tokens: .*1$/m,
      'had so far: ""\n',
    ],
    calls: [],
  },
  '12-timeouts-and-stop': {
    prints: [/^read \d\d characters, then left\ntimeout\n$/],
    emulator: { firstTokenMs: 100, tokensPerSecond: 100 },
    check: (_, emulator) => expect(emulator.active).toBe(0),
  },
  '13-fal-client-beside': {
    prints: ['COMPLETED\n', greeting, /\n[\da-f-]{36}\n$/],
    check: (_, emulator) => expect(acceptedBy(emulator, 'submit')).toHaveLength(1),
  },
  '14-own-endpoint': {
    prints: ['endpoint: `my-team/my-llm`', 'model: `my-team/large`'],
    emulator: {
      endpoints: [defineEndpoint({ ...endpoints['openrouter/router'], id: 'my-team/my-llm' })],
    },
    calls: ['stream'],
  },
  '15-file-store': {
    runs: 2,
    prints: [/^0 messages so far\n.*\n2 messages so far\n.*turns: 3 in all/s],
    calls: ['stream', 'stream'],
  },
  '16-durable': {
    prints: [/^done ## The emulator answers/],
    emulator: { firstTokenMs: 300 },
    check: (_, emulator) => {
      expect(acceptedBy(emulator, 'submit')).toHaveLength(1)
      expect(acceptedBy(emulator, 'cancel')).toHaveLength(0)
    },
  },
  '17-branches': {
    prints: [/^{ index: 1, count: 2 }\ntrue\n/, "[ 'Name a fruit.', 2 ], [ '## The emulato', 1 ]"],
    calls: ['stream', 'stream', 'stream'],
  },
  '18-usage-and-cost': {
    prints: [
      /^google\/gemini-2\.5-flash: \d+ tokens, \$0\.\d+\nopenai\/gpt-4o: \d+ tokens, \$0\.\d+\n/,
      /\n2 answers, \$0\.\d+\n$/,
    ],
    calls: ['stream', 'stream'],
  },
  '19-completion': {
    prints: [/^undefined\ntrue\n/, '> What is a monad?'],
    check: (_, emulator) => expect(acceptedBy(emulator, 'stream').length).toBeLessThanOrEqual(2),
  },
  '26-waiting': {
    prints: [
      /^stopped\n\[ 'And of a chat\?' \] true\n/,
      /\nAnd of a chat\?\nOf meaning 5 { liked: true }\n$/,
      'cancelled\n',
    ],
  },
}

function acceptedBy({ requests }: RunningEmulator, call: string): readonly unknown[] {
  return requests.filter(({ accepted }) => accepted === call)
}

const files = await readdir(import.meta.dirname)
const names = files.flatMap((file) => /^(\d\d-[a-z-]+)\.ts$/.exec(file)?.[1] ?? []).toSorted()

test('every example is expected to do something, and every expectation is of an example', () => {
  const tested = names.filter((name) => files.includes(`${name}.test.ts`))
  expect([...Object.keys(expectations), ...tested].toSorted()).toEqual(names)
})

describe.concurrent('examples', () => {
  test.each(Object.entries(expectations))('%s', async (name, expectation) => {
    const emulator = await startEmulator(expectation.emulator)
    const environment = { FAL_BASE_URL: emulator.url, FAL_KEY: 'id:secret' }
    const folder = await mkdtemp(join(tmpdir(), 'fal-llm-example-'))
    const words = expectation.runs === undefined ? [] : [folder]
    try {
      const finished = { code: 0, stdout: '', stderr: '' }
      for (let run = 0; run < (expectation.runs ?? 1) && finished.code === 0; run += 1) {
        const { code, stdout, stderr } = await runExample(`${name}.ts`, words, environment)
        finished.code = code
        finished.stdout += stdout
        finished.stderr += stderr
      }
      expect(finished.code, finished.stderr).toBe(0)
      if (name !== '05-reasoning') expect(finished.stderr).toBe('')
      for (const text of expectation.prints) expect(finished.stdout).toMatch(text)
      const accepted = emulator.requests.flatMap((request) => request.accepted ?? [])
      if (expectation.calls) expect(accepted).toEqual(expectation.calls)
      expectation.check?.(finished, emulator)
    } finally {
      await emulator.close()
    }
  })
})

test('the README has a line for every example', async () => {
  const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8')
  for (const name of names) expect(readme).toContain(`[${name}](${name}.ts)`)
})
