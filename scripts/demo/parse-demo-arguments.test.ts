import { expect, test } from 'vitest'
import { parseDemoArguments } from './parse-demo-arguments.ts'

const parse = (words: string, environment = {}) =>
  parseDemoArguments(words.split(' ').filter(Boolean), environment)

test('starts the React chat against the emulator by default', () => {
  const options = {
    frameworks: ['react'],
    live: false,
    proxyUrl: undefined,
    port: 5173,
    emulatorPort: 8787,
    watch: true,
  }
  expect(parse('')).toEqual(options)
  expect(parse('react')).toEqual(options)
})

test('starts another framework by its name, or all of them', () => {
  expect(parse('vue')).toMatchObject({ frameworks: ['vue'] })
  expect(parse('--all')).toMatchObject({ frameworks: ['react', 'vue', 'svelte'] })
})

test('goes through a proxy that has the key', () => {
  const proxyUrl = 'http://127.0.0.1:3000/api/fal/proxy'
  expect(parse(`svelte --live --proxy ${proxyUrl}`)).toMatchObject({ live: true, proxyUrl })
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
  ['angular', 'There is no demo for "angular". Known: react, vue, svelte.'],
  ['react twice', 'There is no demo for "react twice".'],
  ['vue --all', '--all shows every framework; leave "vue" out.'],
  ['--proxy http://127.0.0.1:3000', '--proxy is for --live'],
  ['--live --proxy localhost:3000', "--proxy must be the proxy's address"],
  ['--lvie', "Unknown option '--lvie'"],
  ['--port', "'--port <value>'"],
  ['--port 99999', '--port must be a port from 0 to 65535, not "99999".'],
  ['--port one', '--port must be a port from 0 to 65535, not "one".'],
])('answers "%s" with a sentence', (words, sentence) => {
  expect(() => parse(words)).toThrow(sentence)
})
