import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newDataFolder } from '../../test/new-data-folder.ts'
import { openDesk } from '../../test/open-desk.ts'
import type { TestDesk } from '../../test/open-desk.ts'
import { commands } from './commands.ts'

let emulator: RunningEmulator
let desk: TestDesk

beforeEach(async () => {
  emulator = await startEmulator()
  desk = openDesk(emulator.url)
})
afterEach(() => emulator.close())

/** Runs a command and returns what it printed. */
const run = async (name: string, argument = '', at = desk): Promise<string> => {
  const before = at.screen.stdout.length
  await commands[name]?.run(at, argument)
  return at.screen.stdout.slice(before)
}
const lastBody = () => emulator.requests.findLast(({ method }) => method === 'POST')?.body

test('every command is written as it is named', () => {
  for (const [name, { usage, summary }] of Object.entries(commands)) {
    expect(usage).toMatch(new RegExp(`^/${name}( |$)`))
    expect(summary).not.toBe('')
  }
})

test('/help lists them all', async () => {
  const help = await run('help')
  for (const { usage, summary } of Object.values(commands)) {
    expect(help).toContain(usage)
    expect(help).toContain(summary)
  }
})

test('/model changes who answers; with a list, without a word', async () => {
  expect(await run('model', 'gpt-4.1')).toBe('openai/gpt-4.1 answers from now on.\n')
  await desk.session.say('hi')
  expect(lastBody()).toMatchObject({ model: 'openai/gpt-4.1' })
  const picking = openDesk(emulator.url, 'openai/o3')
  await run('model', '', picking)
  expect(picking.session.choice.model).toBe('openai/o3')
})

test('/model without an answer from the list, and with a wrong name, changes nothing', async () => {
  await run('model')
  await expect(run('model', 'nonsense')).rejects.toThrow('has no model "nonsense"')
  expect(desk.session.choice.model).toBe('google/gemini-2.5-flash')
})

test('/endpoint changes where it is asked, and the model where it must', async () => {
  await run('model', 'acme/one')
  expect(await run('endpoint', 'fal-ai/any-llm')).toBe(
    'fal-ai/any-llm is asked from now on; google/gemini-2.5-flash-lite answers.\n',
  )
  await desk.session.say('hi')
  expect(emulator.requests.at(-1)?.path).toBe('/fal-ai/any-llm/stream')
})

test('/system sets, shows and drops the system prompt', async () => {
  expect(await run('system')).toBe('No system prompt.\n')
  await run('system', 'Be brief.')
  expect(await run('system')).toBe('Be brief.\n')
  await desk.session.say('hi')
  expect(lastBody()).toMatchObject({ system_prompt: 'Be brief.' })
  await run('system', '-')
  await desk.session.regenerate()
  expect(lastBody()).not.toHaveProperty('system_prompt')
})

test('/image sends a file, and the next message goes where pictures are seen', async () => {
  const picture = join(await newDataFolder(), 'dot.png')
  await writeFile(picture, 'not really a picture')
  expect(await run('image', picture)).toMatch(
    /^http:.*dot\.png goes with the next message, to openrouter\/router\/vision, which sees pictures\.\n$/,
  )
  await run('image', 'https://example.com/cat.jpg')
  await desk.session.say('What is this?')
  expect(emulator.requests.at(-1)?.path).toBe('/openrouter/router/vision/stream')
  expect(lastBody()).toMatchObject({
    image_urls: [expect.stringContaining('dot.png'), 'https://example.com/cat.jpg'],
  })
  await desk.session.say('Thanks')
  expect(emulator.requests.at(-1)?.path).toBe('/openrouter/router/stream')
})

test('a turn with a picture is answered again where it is seen', async () => {
  await run('image', 'https://example.com/cat.jpg')
  await desk.session.say('/500')
  expect(desk.session.chat.getState().status).toBe('error')
  await run('retry')
  await run('regenerate')
  const paths = emulator.requests.map(({ path }) => path)
  expect(new Set(paths)).toEqual(new Set(['/openrouter/router/vision/stream']))
  expect(paths).toHaveLength(3)
})

test.each([
  ['', 'Say which picture: /image <path|url>.'],
  ['nowhere.png', '"nowhere.png" cannot be read: there is no such file.'],
  ['notes.txt', '"notes.txt" is neither an address nor an image file (.png, '],
])('/image %s is refused with a sentence', async (named, sentence) => {
  await expect(run('image', named)).rejects.toThrow(sentence)
  expect(desk.session.images).toEqual([])
})

test('/queue goes through the queue and back', async () => {
  await run('queue')
  expect(desk.session.choice.throughQueue).toBe(true)
  await desk.session.say('/echo hi')
  expect(emulator.requests.find(({ accepted }) => accepted === 'submit')).toBeDefined()
  expect(desk.screen.notes).toContain('│ ')
  expect(await run('queue', 'off')).toBe('Streamed: an answer shows while it is written.\n')
  await desk.session.say('/echo hi')
  expect(emulator.requests.at(-1)?.accepted).toBe('stream')
  await expect(run('queue', 'maybe')).rejects.toThrow('Say /queue on or /queue off.')
})

test('rule 11: /cost tells what fal reported from what is estimated', async () => {
  expect(await run('cost')).toBe('Nothing was used yet.\n')
  await desk.session.say('/echo hi')
  expect(await run('cost')).toMatch(
    /^google\/gemini-2\.5-flash {2}\d+ tokens read, \d+ written, \$[\d.]+ reported by fal\n$/,
  )
  await run('endpoint', 'fal-ai/any-llm')
  await run('model', 'gpt-4o')
  await desk.session.say('/echo hi')
  const cost = await run('cost')
  expect(cost).toMatch(/openai\/gpt-4o {2,}≈ \d+ tokens read, ≈ \d+ written, cost not reported\n/)
  expect(cost).toMatch(/all .* \$[\d.]+ reported by fal for a part of it\n≈ holds an estimate/)
})

test('/history shows who said what, and which of several versions it is', async () => {
  expect(await run('history')).toBe('Nothing was said yet.\n')
  await desk.session.say('/echo one \u001B[2J')
  await desk.session.regenerate()
  const history = await run('history')
  expect(history).toContain('You:\n/echo one ␛[2J\n')
  expect(history).toContain('Answer (version 2 of 2):\none ␛[2J\n')
})

test('/retry tries a failed answer again, and says when none failed', async () => {
  await run('retry')
  expect(desk.screen.notes).toContain('No answer failed; /regenerate asks for another one.')
  await desk.session.say('/echo one two\n/error It broke')
  expect(desk.screen.notes).toContain('It broke. /retry tries again.')
  await run('retry')
  expect(emulator.requests).toHaveLength(2)
})

test('/regenerate before the first message is refused', async () => {
  await expect(run('regenerate')).rejects.toThrow('There is no answer to write again')
})

test('/clear begins anew and forgets waiting pictures', async () => {
  await desk.session.say('one')
  await run('image', 'https://example.com/cat.jpg')
  const { id } = desk.session.chat
  await run('clear')
  expect(desk.session.chat.id).not.toBe(id)
  expect(desk.session.images).toEqual([])
  await desk.session.say('two')
  expect(lastBody()).toMatchObject({ prompt: 'two' })
})

test('/exit leaves', () => {
  expect(commands['exit']?.run(desk, '')).toBe('leave')
})
