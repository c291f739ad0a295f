import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { createHeldClock } from '@fal-llm/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildCli } from '../test/build-cli.ts'
import { newDataFolder } from '../test/new-data-folder.ts'
import { runCli, startCli } from '../test/start-cli.ts'
import type { CliCall } from '../test/start-cli.ts'
import { hasTerminals, startInTerminal } from '../test/start-in-terminal.ts'
import type { RunningCli } from '../test/watch-program.ts'

let program: string
let emulator: RunningEmulator
let environment: Readonly<Record<string, string>>

beforeAll(async () => {
  program = await buildCli()
})
afterAll(() => rm(dirname(program), { recursive: true }))
beforeEach(async () => {
  emulator = await startEmulator()
  environment = {
    FAL_BASE_URL: emulator.url,
    FAL_KEY: 'id:secret',
    XDG_DATA_HOME: await newDataFolder(),
  }
})
afterEach(() => emulator.close())

type Call = Omit<CliCall, 'program'>
const run = (call: Call) =>
  runCli({ ...call, program, environment: { ...environment, ...call.environment } })
const start = (call: Call): RunningCli =>
  startCli({ ...call, program, environment: { ...environment, ...call.environment } })
/** A conversation without a terminal; stdin stays open. */
const converse = (...words: string[]) => start({ words: ['-i', ...words], stdin: undefined })
/** Makes every job wait in the queue until the clock is released. */
const holdQueue = async () => {
  await emulator.close()
  const clock = createHeldClock()
  emulator = await startEmulator({ queueDelayMs: 1, clock })
  environment = { ...environment, FAL_BASE_URL: emulator.url }
  return clock
}
const accepted = () => emulator.requests.flatMap((request) => request.accepted ?? [])
const bodies = () => emulator.requests.map((request) => request.body)

test('a pipe gets the answer and nothing else', async () => {
  expect(await run({ stdin: '/echo Hello, pipe\n' })).toEqual({
    code: 0,
    stdout: 'Hello, pipe\n',
    stderr: '',
  })
})

test('words of the command line are asked, about what is piped in', async () => {
  await run({ words: ['Review', 'this:'], stdin: 'a line\n' })
  expect(bodies()).toMatchObject([{ prompt: 'Review this:\n\na line' }])
})

test('flags reach fal', async () => {
  const flags = '-e fal-ai/any-llm -m gpt-4.1 -t 0.5 --max-tokens 9 -r'.split(' ')
  const { code } = await run({ words: [...flags, '-s', 'Be brief', 'hi'] })
  expect(code).toBe(0)
  expect(emulator.requests[0]?.path).toBe('/fal-ai/any-llm/stream')
  expect(bodies()).toMatchObject([
    {
      prompt: 'hi',
      system_prompt: 'Be brief',
      model: 'openai/gpt-4.1',
      temperature: 0.5,
      max_tokens: 9,
      reasoning: true,
    },
  ])
})

test('reasoning is no part of the answer', async () => {
  const { stdout } = await run({ words: ['-r', '/echo Hello'] })
  expect(stdout).toBe('Hello\n')
})

test('--json prints events, one per line', async () => {
  const { stdout, code } = await run({ words: ['--json', '/echo one two three'] })
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(code).toBe(0)
  expect(events[0]).toMatchObject({ type: 'start', model: 'google/gemini-2.5-flash' })
  const deltas = events.filter(({ type }) => type === 'text-delta')
  expect(deltas.map(({ delta }) => delta).join('')).toBe('one two three')
  expect(events.at(-1)).toEqual({ type: 'finish', reason: 'stop' })
})

test('a refused key is one sentence on stderr and exit code 1', async () => {
  expect(await run({ words: ['hi'], environment: { FAL_KEY: 'unknown:x' } })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'fal-chat: fal did not accept the key: No user found for Key ID and Secret.\n',
  })
})

test('rule 20: a wrong value is refused before anything is sent', async () => {
  const { code, stderr } = await run({ words: ['-t', '3', 'hi'] })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^fal-chat: fal did not accept the request: body\.temperature: .*\n$/)
  expect(emulator.requests).toEqual([])
})

test('rule 1: an answer that breaks off keeps its words and is no success', async () => {
  const { code, stdout, stderr } = await run({ stdin: '/echo one two three four\n/error It broke' })
  expect(code).toBe(1)
  expect(stdout).toBe('one two\n')
  expect(stderr).toBe('fal-chat: The provider could not finish the answer: It broke.\n')
})

test('without a key it says what to do', async () => {
  const { code, stderr, stdout } = await runCli({ program, words: ['hi'] })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^fal-chat: There is no fal key: set FAL_KEY .* or try --emulator, .*\n$/)
})

test('--emulator needs neither key nor network', async () => {
  const { XDG_DATA_HOME } = environment as { XDG_DATA_HOME: string }
  const call = { words: ['--emulator', '/echo Hello'], environment: { XDG_DATA_HOME } }
  expect(await runCli({ ...call, program })).toEqual({ code: 0, stdout: 'Hello\n', stderr: '' })
})

test.each([
  [['--modle', 'x', 'hi'], 'There is no option --modle'],
  [['-e', 'fal-ai/any', 'hi'], 'There is no endpoint "fal-ai/any"; there are openrouter/router, '],
  [
    ['-e', 'fal-ai/any-llm', '-m', 'acme/one', 'hi'],
    'fal-ai/any-llm has no model "acme/one"; it has ',
  ],
  [[], 'There is nothing to ask'],
  [['-i', '--json'], '--json needs a prompt'],
  [['--image', 'none.png', 'hi'], '"none.png" cannot be read: there is no such file.'],
])('misuse %j is one sentence and exit code 2', async (words, sentence) => {
  const { code, stdout, stderr } = await run({ words })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.startsWith(`fal-chat: ${sentence}`)).toBe(true)
  expect(stderr.trimEnd()).not.toContain('\n')
  expect(emulator.requests).toEqual([])
})

test('Ctrl-C stops the answer: its words stay, fal stops writing, exit code 130', async () => {
  const cli = start({ words: ['/long 5000\n/speed 50'] })
  await cli.until('quick')
  cli.kill('SIGINT')
  expect(await cli.ended).toBe(130)
  expect(cli.stdout).toContain('quick')
  expect(cli.stdout.endsWith('\n')).toBe(true)
  expect(cli.stderr).toBe('')
  await emulator.until(() => emulator.active === 0)
})

test('when nobody reads on, it ends quietly', async () => {
  const cli = start({ words: ['/long 5000\n/speed 200'] })
  await cli.until('quick')
  cli.stopReading()
  expect(await cli.ended).toBe(0)
  expect(cli.stderr).toBe('')
  await emulator.until(() => emulator.active === 0)
})

test('rule 3: Ctrl-C cancels a queued job, once', async () => {
  const cli = start({ words: ['-q', '--json', '/slow 60000'] })
  await cli.until('IN_PROGRESS')
  cli.kill('SIGINT')
  expect(await cli.ended).toBe(130)
  await emulator.until(() => accepted().includes('cancel'))
  expect(accepted().filter((call) => call === 'submit' || call === 'cancel')).toEqual([
    'submit',
    'cancel',
  ])
})

test('in a conversation Ctrl-C stops the answer, and leaves once nothing goes on', async () => {
  const slow = await startEmulator({ tokensPerSecond: 50 })
  const cli = start({
    words: ['-i'],
    stdin: undefined,
    environment: { FAL_BASE_URL: slow.url },
  })
  cli.type('//long 5000\n')
  await cli.until('quick')
  cli.kill('SIGINT')
  await cli.until('Stopped; what is above stays.')
  await slow.until(() => slow.active === 0)
  cli.kill('SIGINT')
  expect(await cli.ended).toBe(0)
  expect(cli.stdout).toContain('quick')
  await slow.close()
})

test('a conversation: its turns, its commands, its end', async () => {
  const cli = converse()
  cli.type('//echo first answer\n')
  await cli.until('first answer\n')
  cli.type('/model gpt-4o\n/nope\n/queue on\n//echo second\n')
  await cli.until('second\n')
  cli.type('/cost\n/exit\n')
  expect(await cli.ended).toBe(0)
  expect(cli.stderr).toContain('There is no command /nope; /help lists those there are.')
  expect(cli.stderr).toContain('│ Asking openai/gpt-4o')
  expect(cli.stdout).toMatch(
    /openai\/gpt-4o {2,}\d+ tokens read, \d+ written, \$[\d.]+ reported by fal/,
  )
  expect(accepted().filter((call) => ['stream', 'submit'].includes(call))).toEqual([
    'stream',
    'submit',
  ])
})

test('history: --continue goes on with the last conversation, its turns and its model', async () => {
  await run({ words: ['-e', 'fal-ai/any-llm', '-m', 'o3', '/echo The code is 4711'] })
  await run({ words: ['-c', 'Which code?'] })
  expect(bodies()[1]).toMatchObject({ model: 'openai/o3' })
  const { prompt } = bodies()[1] as { prompt: string }
  expect(prompt).toContain('Assistant: The code is 4711')
  expect(prompt).toContain('User: Which code?')
})

test('--no-history leaves nothing on disk, and rule 12: the key is not on it either way', async () => {
  const { XDG_DATA_HOME = '' } = environment
  await run({ words: ['--no-history', 'hi'] })
  expect(await readdir(XDG_DATA_HOME)).toEqual([])
  await run({ words: ['hi'] })
  const files = await readdir(XDG_DATA_HOME, { recursive: true, withFileTypes: true })
  const texts = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
  )
  expect(texts.join()).toContain('hi')
  expect(texts.join()).not.toContain('id:secret')
})

test('rule 18: where nothing can be kept, that is said, and the answer is printed all the same', async () => {
  const file = join(environment['XDG_DATA_HOME'] ?? '', 'file')
  await writeFile(file, 'no folder')
  expect(await run({ words: ['/echo Hello'], environment: { XDG_DATA_HOME: file } })).toEqual({
    code: 0,
    stdout: 'Hello\n',
    stderr: expect.stringMatching(/^fal-chat: The conversation could not be saved: ENOTDIR.*\n$/),
  })
})

test('an image is uploaded to fal, and asked about', async () => {
  const image = join(environment['XDG_DATA_HOME'] ?? '', 'dot.png')
  await writeFile(image, 'not really an image')
  const { code } = await run({ words: ['--image', image, 'What is this?'] })
  expect(code).toBe(0)
  const request = emulator.requests.find(({ call }) => call === 'stream')
  expect(request?.path).toBe('/openrouter/router/vision/stream')
  expect(request?.body).toMatchObject({
    image_urls: [expect.stringMatching(/^https?:.*dot\.png$/)],
  })
})

test('rule 19: a turn in the queue survives kill -9: --continue shows its answer, one job was submitted', async () => {
  const clock = await holdQueue()
  const cli = start({ words: ['-q', '--json', '/echo Still here'] })
  await cli.until('IN_QUEUE')
  cli.kill('SIGKILL')
  expect(await cli.ended).toBe('SIGKILL')
  clock.release()
  expect(await run({ words: ['--continue'] })).toEqual({
    code: 0,
    stdout: 'Still here\n',
    stderr: '',
  })
  expect(accepted().filter((call) => call === 'submit')).toHaveLength(1)
  expect(accepted()).not.toContain('cancel')
})

test('a turn in the queue is left running by SIGTERM, and gone on with in a conversation', async () => {
  const clock = await holdQueue()
  const cli = start({ words: ['-q', '--json', '/echo Still here'] })
  await cli.until('IN_QUEUE')
  cli.kill('SIGTERM')
  expect(await cli.ended).toBe(143)
  clock.release()
  const next = converse('--continue')
  await next.until('Still here\n')
  next.end()
  expect(await next.ended).toBe(0)
  expect(accepted().filter((call) => call === 'submit')).toHaveLength(1)
  expect(accepted()).not.toContain('cancel')
})

test.skipIf(!hasTerminals)(
  'in a terminal (util-linux script): keys, a list, colours, Ctrl-C twice, and everything put back',
  async () => {
    const slow = await startEmulator({ tokensPerSecond: 50 })
    const command = `"${process.execPath}" "${program}" --no-history; echo LEFT $?; stty -a`
    const cli = startInTerminal(command, { ...environment, FAL_BASE_URL: slow.url })
    await cli.until('› ')
    cli.type('/mod')
    await cli.until('/mod')
    cli.type('\t')
    await cli.until('/model ')
    cli.type('\r')
    await cli.until('Which model?')
    cli.type('gpt-4.1\r')
    await cli.until('openai/gpt-4.1 answers from now on.')
    cli.type('//long 5000\r')
    await cli.until('quick')
    cli.type('\u0003')
    await cli.until('Stopped; what is above stays.')
    await slow.until(() => slow.active === 0)
    cli.type('\u0003')
    expect(await cli.ended).toBe(0)
    expect(cli.stdout).toContain('LEFT 0')
    expect(cli.stdout).toMatch(/ icanon .* echo /s)
    expect(cli.stdout.lastIndexOf('\u001B[?25h')).toBeGreaterThan(
      cli.stdout.lastIndexOf('\u001B[?25l'),
    )
    await slow.close()
  },
)
