import { expect, test } from 'vitest'
import { parseDemoArguments } from './parse-demo-arguments.ts'

const parse = (words: string, environment = {}) =>
  parseDemoArguments(words.split(' ').filter(Boolean), environment)

test('starts the React chat against the emulator by default', () => {
  const options = { framework: 'react', live: false, port: 5173, emulatorPort: 8787, watch: true }
  expect(parse('')).toEqual(options)
  expect(parse('react')).toEqual(options)
})

test('takes ports, 0 for any', () => {
  expect(parse('--port 0 --emulator-port 9000')).toMatchObject({ port: 0, emulatorPort: 9000 })
})

test('leaves the sources unwatched when asked to', () => {
  expect(parse('--no-watch')).toMatchObject({ watch: false })
})

test('passes over the "--" of a package manager', () => {
  expect(parse('-- --live', { FAL_KEY: 'id:secret' })).toMatchObject({ live: true })
})

test.each(['--help', '-h'])('%s asks for help', (words) => {
  expect(parse(words)).toBe('help')
})

test('refuses --live without a key, and says what to set', () => {
  expect(() => parse('--live')).toThrow('--live needs a fal key: set FAL_KEY')
  expect(() => parse('--live', { FAL_KEY: '  ' })).toThrow('--live needs a fal key')
})

test.each([
  ['angular', 'There is no demo for "angular". Known: react.'],
  ['react twice', 'There is no demo for "react twice".'],
  ['--lvie', "Unknown option '--lvie'"],
  ['--port', "'--port <value>'"],
  ['--port 99999', '--port must be a port from 0 to 65535, not "99999".'],
  ['--port one', '--port must be a port from 0 to 65535, not "one".'],
])('answers "%s" with a sentence', (words, sentence) => {
  expect(() => parse(words)).toThrow(sentence)
})
