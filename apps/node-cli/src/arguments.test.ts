import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'

const nothingAsked = {
  prompt: undefined,
  endpoint: undefined,
  model: undefined,
  system: undefined,
  params: {},
  image: undefined,
  throughQueue: false,
  continues: false,
  interactive: false,
  json: false,
  emulator: false,
  history: true,
  dataFolder: undefined,
}

test('without a word, everything has its default', () => {
  expect(parseArguments([])).toEqual(nothingAsked)
})

test('every flag is read, in its long and its short form', () => {
  const all = {
    ...nothingAsked,
    prompt: 'why is the sky blue?',
    endpoint: 'fal-ai/any-llm',
    model: 'gpt-4o',
    system: 'Be brief',
    params: { temperature: 0.5, maxTokens: 20, reasoning: true },
    throughQueue: true,
    continues: true,
  }
  const long = '--endpoint fal-ai/any-llm --model=gpt-4o --temperature 0.5 --max-tokens 20'
  const rest = ['--reasoning', '--queue', '--continue', '--system', 'Be brief']
  expect(parseArguments([...long.split(' '), ...rest, 'why is the', 'sky blue?'])).toEqual(all)
  const short = '-e fal-ai/any-llm -m gpt-4o -t 0.5 --maxTokens 20 -r -q -c'
  expect(parseArguments([...short.split(' '), '-s', 'Be brief', 'why is the sky blue?'])).toEqual(
    all,
  )
})

test('the flags of programs: --json, --interactive, --image, --emulator, --no-history, --data-dir', () => {
  const words = '--json -i --image a.png --emulator --no-history --data-dir x'.split(' ')
  expect(parseArguments(words)).toEqual({
    ...nothingAsked,
    json: true,
    interactive: true,
    image: 'a.png',
    emulator: true,
    history: false,
    dataFolder: resolve('x'),
  })
})

test('what follows -- is asked, dashes and all', () => {
  expect(parseArguments(['--', '--model', 'x'])).toMatchObject({ prompt: '--model x' })
})

test.each(['--help', '-h'])('%s asks for help, whatever else is there', (flag) => {
  expect(parseArguments(['hi', flag])).toBe('help')
})

test.each([
  ['--modle x', 'There is no option --modle; --help lists those there are.'],
  ['-x', 'There is no option -x; --help lists those there are.'],
  ['--no-colour', 'There is no option --no-colour; --help lists those there are.'],
  ['--temperature hot', '--temperature must be a number, not "hot".'],
  ['--max-tokens many', '--max-tokens must be a number, not "many".'],
  ['--model', '--model needs a value, as in --model <value>.'],
])('refuses "%s" with a sentence', (words, sentence) => {
  expect(() => parseArguments(words.split(' '))).toThrow(sentence)
})
