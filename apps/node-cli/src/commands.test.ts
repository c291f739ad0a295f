import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newDataFolder } from '../test/new-data-folder.ts'
import { openContext } from '../test/open-context.ts'
import type { TestContext } from '../test/open-context.ts'
import { commands, completeLine } from './commands.ts'

let emulator: RunningEmulator
let context: TestContext

beforeEach(async () => {
  emulator = await startEmulator()
  context = openContext(emulator.url)
})
afterEach(() => emulator.close())

/** Runs a command and returns what it printed. */
const run = async (name: string, argument = '', at = context): Promise<string> => {
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
  await context.conversation.send('hi')
  expect(lastBody()).toMatchObject({ model: 'openai/gpt-4.1' })
  const picking = openContext(emulator.url, 'openai/o3')
  await run('model', '', picking)
  expect(picking.conversation.choice.model).toBe('openai/o3')
})

test('/model without an answer from the list, and with a wrong name, changes nothing', async () => {
  await run('model')
  await expect(run('model', 'nonsense')).rejects.toThrow('has no model "nonsense"')
  expect(context.conversation.choice.model).toBe('google/gemini-2.5-flash')
})

test('/endpoint changes where it is asked, and the model where it must', async () => {
  await run('model', 'acme/one')
  expect(await run('endpoint', 'fal-ai/any-llm')).toBe(
    'fal-ai/any-llm is asked from now on; google/gemini-2.5-flash-lite answers.\n',
  )
  await context.conversation.send('hi')
  expect(emulator.requests.at(-1)?.path).toBe('/fal-ai/any-llm/stream')
})

test('/system sets, shows and drops the system prompt', async () => {
  expect(await run('system')).toBe('No system prompt.\n')
  await run('system', 'Be brief.')
  expect(await run('system')).toBe('Be brief.\n')
  await context.conversation.send('hi')
  expect(lastBody()).toMatchObject({ system_prompt: 'Be brief.' })
  await run('system', '-')
  await context.conversation.regenerate()
  expect(lastBody()).not.toHaveProperty('system_prompt')
})

test('/image sends a file, and the next message goes where images are taken', async () => {
  const image = join(await newDataFolder(), 'dot.png')
  await writeFile(image, 'not really an image')
  expect(await run('image', image)).toMatch(
    /^http:.*dot\.png goes with the next message, to openrouter\/router\/vision, which takes images\.\n$/,
  )
  await run('image', 'https://example.com/cat.jpg')
  await context.conversation.send('What is this?')
  expect(emulator.requests.at(-1)?.path).toBe('/openrouter/router/vision/stream')
  expect(lastBody()).toMatchObject({
    image_urls: [expect.stringContaining('dot.png'), 'https://example.com/cat.jpg'],
  })
  await context.conversation.send('Thanks')
  expect(emulator.requests.at(-1)?.path).toBe('/openrouter/router/stream')
})

test('a turn with an image is answered again where images are taken', async () => {
  await run('image', 'https://example.com/cat.jpg')
  await context.conversation.send('/500')
  expect(context.conversation.chat.getState().status).toBe('error')
  await run('retry')
  await run('regenerate')
  const paths = emulator.requests.map(({ path }) => path)
  expect(new Set(paths)).toEqual(new Set(['/openrouter/router/vision/stream']))
  expect(paths).toHaveLength(3)
})

test.each([
  ['', 'Name an image: /image <path|url>.'],
  ['nowhere.png', '"nowhere.png" cannot be read: there is no such file.'],
  ['notes.txt', '"notes.txt" is neither an address nor an image file (.png, '],
])('/image %s is refused with a sentence', async (named, sentence) => {
  await expect(run('image', named)).rejects.toThrow(sentence)
  expect(context.conversation.images).toEqual([])
})

test('/queue goes through the queue and back', async () => {
  await run('queue')
  expect(context.conversation.choice.throughQueue).toBe(true)
  await context.conversation.send('/echo hi')
  expect(emulator.requests.find(({ accepted }) => accepted === 'submit')).toBeDefined()
  expect(context.screen.notes).toContain('│ ')
  expect(await run('queue', 'off')).toBe('Streamed: an answer shows while it is written.\n')
  await context.conversation.send('/echo hi')
  expect(emulator.requests.at(-1)?.accepted).toBe('stream')
  await expect(run('queue', 'maybe')).rejects.toThrow('Write /queue on or /queue off.')
})

test('rule 11: /cost tells what fal reported from what is estimated', async () => {
  expect(await run('cost')).toBe('Nothing was used yet.\n')
  await context.conversation.send('/echo hi')
  expect(await run('cost')).toMatch(
    /^google\/gemini-2\.5-flash {2}\d+ tokens read, \d+ written, \$[\d.]+ reported by fal\n$/,
  )
  await run('endpoint', 'fal-ai/any-llm')
  await run('model', 'gpt-4o')
  await context.conversation.send('/echo hi')
  const cost = await run('cost')
  expect(cost).toMatch(/openai\/gpt-4o {2,}≈ \d+ tokens read, ≈ \d+ written, cost not reported\n/)
  expect(cost).toMatch(/all .* \$[\d.]+ reported by fal for a part of it\n≈ holds an estimate/)
})

test('/history shows who said what, and which of several versions it is', async () => {
  expect(await run('history')).toBe('Nothing was said yet.\n')
  await context.conversation.send('/echo one \u001B[2J')
  await context.conversation.regenerate()
  const history = await run('history')
  expect(history).toContain('You:\n/echo one ␛[2J\n')
  expect(history).toContain('Answer (version 2 of 2):\none ␛[2J\n')
})

test('/retry tries a failed answer again, and says when none failed', async () => {
  await run('retry')
  expect(context.screen.notes).toContain('No answer failed; /regenerate asks for another one.')
  await context.conversation.send('/echo one two\n/error It broke')
  expect(context.screen.notes).toContain('It broke. /retry tries again.')
  await run('retry')
  expect(emulator.requests).toHaveLength(2)
})

test('/regenerate before the first message is refused', async () => {
  await expect(run('regenerate')).rejects.toThrow('There is no answer to write again')
})

test('/clear begins anew and forgets the attached images', async () => {
  await context.conversation.send('one')
  await run('image', 'https://example.com/cat.jpg')
  const { id } = context.conversation.chat
  await run('clear')
  expect(context.conversation.chat.id).not.toBe(id)
  expect(context.conversation.images).toEqual([])
  await context.conversation.send('two')
  expect(lastBody()).toMatchObject({ prompt: 'two' })
})

test('/exit leaves', () => {
  expect(commands['exit']?.run(context, '')).toBe('leave')
})

test('completes commands, and ids where one belongs', () => {
  expect(completeLine('/mo')).toEqual([['/model '], '/mo'])
  expect(completeLine('/model deep')).toEqual([['deepseek/deepseek-r1'], 'deep'])
  expect(completeLine('/endpoint fal-ai/any-llm/')).toEqual([
    ['fal-ai/any-llm/enterprise'],
    'fal-ai/any-llm/',
  ])
})

test('leaves words alone', () => {
  expect(completeLine('mo')).toEqual([[], 'mo'])
})
