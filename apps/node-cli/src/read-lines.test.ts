import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createTerminalReader } from './read-lines.ts'

const setUp = (earlier: readonly string[] = []) => {
  const input = new PassThrough()
  const output = new PassThrough()
  let shown = ''
  output.setEncoding('utf8').on('data', (text: string) => (shown += text))
  const reader = createTerminalReader({
    input,
    output,
    prompt: '> ',
    morePrompt: '. ',
    earlier,
    complete: (line) => [['/model '], line],
  })
  return { reader, type: (text: string) => input.write(text), shown: () => shown }
}

test('hears a message, and then the next one', async () => {
  const { reader, type } = setUp()
  const first = reader.read()
  type('one\r')
  expect(await first).toBe('one')
  const second = reader.read()
  type('two\r')
  expect(await second).toBe('two')
})

test('a line that ends with a backslash goes on', async () => {
  const { reader, type, shown } = setUp()
  const message = reader.read()
  type('one\\\r')
  type('two\r')
  expect(await message).toBe('one\ntwo')
  expect(shown()).toContain('. ')
})

test('lines that are pasted together are one message; its last line waits for Enter', async () => {
  const { reader, type } = setUp()
  const whole = reader.read()
  type('one\ntwo\n')
  expect(await whole).toBe('one\ntwo')
  const open = reader.read()
  type('three\nfo')
  type('ur\r')
  expect(await open).toBe('three\nfour')
})

test('Ctrl-C forgets what was typed, and on an empty line it ends', async () => {
  const { reader, type } = setUp()
  const message = reader.read()
  type('wrong\u0003')
  type('right\r')
  expect(await message).toBe('right')
  const nothing = reader.read()
  type('\u0003')
  expect(await nothing).toBeUndefined()
})

test('Ctrl-D ends', async () => {
  const { reader, type } = setUp()
  const message = reader.read()
  type('\u0004')
  expect(await message).toBeUndefined()
})

test('the arrow up brings back what was said, in this conversation and before', async () => {
  const { reader, type } = setUp(['long ago'])
  const first = reader.read()
  type('just now\r')
  await first
  const again = reader.read()
  type('\u001B[A\u001B[A\r')
  expect(await again).toBe('long ago')
})

test('Tab completes', async () => {
  const { reader, type, shown } = setUp()
  const message = reader.read()
  type('/mo')
  // A tab in the middle of a paste is a tab.
  await vi.waitFor(() => expect(shown()).toContain('/mo'))
  type('\t')
  await vi.waitFor(() => expect(shown()).toContain('del '))
  type('x\r')
  expect(await message).toBe('/model x')
})

test('closing ends what is being read, and all reading', async () => {
  const { reader } = setUp()
  const message = reader.read()
  reader.close()
  expect(await message).toBeUndefined()
  expect(await reader.read()).toBeUndefined()
})
