import { describe, expect, test } from 'vitest'
import { parseFlags } from './parse-flags.ts'
import { Refusal } from './refusal.ts'

const nothing = {
  name: undefined,
  framework: undefined,
  install: true,
  git: false,
  help: false,
  version: false,
}

describe('parseFlags', () => {
  test('leaves what is not said to be asked for', () => {
    expect(parseFlags([])).toEqual(nothing)
  })

  test('reads what npm hands on of "app -- --framework react --no-install --git"', () => {
    expect(parseFlags(['app', '--framework', 'react', '--no-install', '--git'])).toEqual({
      ...nothing,
      name: 'app',
      framework: 'react',
      install: false,
      git: true,
    })
  })

  test('reads flags behind the "--" that pnpm, yarn and bun hand on', () => {
    expect(parseFlags(['app', '--', '-f', 'nuxt'])).toMatchObject({
      name: 'app',
      framework: 'nuxt',
    })
  })

  test('reads short flags, and "=" between a flag and its value', () => {
    expect(parseFlags(['-h'])).toMatchObject({ help: true })
    expect(parseFlags(['-v'])).toMatchObject({ version: true })
    expect(parseFlags(['--framework=vue'])).toMatchObject({ framework: 'vue' })
  })

  test.each([
    [['--framework', 'angular'], 'There is no framework "angular" here, but react, vue,'],
    [['--framework', 'constructor'], 'There is no framework "constructor" here'],
    [['--frmework', 'react'], "Unknown option '--frmework'. It goes like this: npm create"],
    [['--framework'], "Option '-f, --framework <value>' argument missing. It goes like this:"],
    // npm keeps flags that stand before "--" for itself and hands on only their values.
    [['app', 'react'], 'With npm, flags stand behind "--"'],
  ])('refuses %j in a sentence that says what to write', (words, sentence) => {
    expect(() => parseFlags(words)).toThrow(Refusal)
    expect(() => parseFlags(words)).toThrow(sentence)
  })
})
