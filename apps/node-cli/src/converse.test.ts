import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLine } from './converse.ts'

test.each([
  ['hi', { type: 'text', text: 'hi' }],
  ['  hi there  ', { type: 'text', text: 'hi there' }],
  ['', { type: 'nothing' }],
  [' \t ', { type: 'nothing' }],
  ['/exit', { type: 'command', name: 'exit', argument: '' }],
  ['/Model  openai/gpt-4o ', { type: 'command', name: 'model', argument: 'openai/gpt-4o' }],
  [
    '/system Be brief.\nBe kind.',
    { type: 'command', name: 'system', argument: 'Be brief.\nBe kind.' },
  ],
  ['/', { type: 'command', name: '', argument: '' }],
  ['//help', { type: 'text', text: '/help' }],
  ['/etc/hosts is what?', { type: 'text', text: '/etc/hosts is what?' }],
  ['what is /etc?', { type: 'text', text: 'what is /etc?' }],
])('reads %j', (line, parsed) => {
  expect(parseLine(line)).toEqual(parsed)
})

test('a line with words is never lost: it is a command or the whole text', () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      const parsed = parseLine(line)
      const text = line.trim()
      if (parsed.type === 'nothing') expect(text).toBe('')
      if (parsed.type === 'text') expect(text.replace(/^\/\//, '/')).toBe(parsed.text)
      if (parsed.type === 'command') expect(text.startsWith('/')).toBe(true)
    }),
  )
})

test('two slashes send any text that begins with one', () => {
  fc.assert(
    fc.property(
      fc.string().map((text) => `/${text.trim()}`),
      (text) => {
        expect(parseLine(`/${text}`)).toEqual({ type: 'text', text })
      },
    ),
  )
})
