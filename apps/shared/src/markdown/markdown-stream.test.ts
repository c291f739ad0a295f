import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readMarkdown, toUncheckedHtml } from './markdown-dialect.ts'
import { createMarkdownStream } from './markdown-stream.ts'
import type { MarkdownBlock } from './markdown-stream.ts'

// What is safe is shown in sanitize-html.test.ts; here HTML passes as it is.
const createStream = () => createMarkdownStream((html) => html)
const wholeDocument = (text: string) => toUncheckedHtml(readMarkdown(text))
const join = (blocks: readonly MarkdownBlock[]) => blocks.map((block) => block.html).join('')

// Pieces that open, continue, interrupt and close every kind of block, cut as tokens cut them.
const blanks = ['a', 'word ', ' ', '  ', '    ', '\n', '\n\n', '\r\n', '\t', 'é', '🙂']
const headings = ['# ', '## h\n', '---', '-', '===', '***\n']
const lists = ['- ', '- x\n', '* ', '+ y\n', '1. ', '2', '.', ')', '1) z\n', '10. ', '- [ ] ']
const fences = ['```', '```ts\n', '~~~\n', '`', '``', '> ', '>', '> q\n']
const tables = ['|', '| a | b |\n', '|---|---|\n', '| 1 | 2 |\n', ':-']
const inlines = ['**', '*', '_', '~~', '[', ']', '(', ')', '!', '\\', '&amp;', '&', '"', '"t']
const links = ['[t](https://fal.ai)', 'https://fal.ai', '![i](https://v3.fal.media/a.png)', '[ref]']
const definitions = ['[ref]: https://fal.ai\n', '[ref]: https://', '[x]: ']
const html = ['<div>\n', '</div>', '<br>', '<b>', '<!--', '-->']

const piece = fc.oneof(
  ...[blanks, headings, lists, fences, tables, inlines, links, definitions, html].map((list) =>
    fc.constantFrom(...list),
  ),
)
const pieces = fc.array(piece, { maxLength: 40 })

describe('a Markdown stream', () => {
  test('shows, however the text grew, what reading the whole text shows', () => {
    fc.assert(
      fc.property(pieces, (growth) => {
        const stream = createStream()
        let text = ''
        for (const next of growth) {
          text += next
          expect(join(stream.update(text))).toBe(wholeDocument(text))
        }
      }),
      { numRuns: 400 },
    )
  })

  test('shows, live, the same whether it saw every token or only the last', () => {
    fc.assert(
      fc.property(pieces, (growth) => {
        const stream = createStream()
        let text = ''
        for (const next of growth) {
          text += next
          expect(stream.update(text, true)).toEqual(createStream().update(text, true))
        }
        expect(join(stream.update(text))).toBe(wholeDocument(text))
      }),
      { numRuns: 300 },
    )
  })

  test('never changes a frozen block unless a reference was defined late', () => {
    fc.assert(
      fc.property(pieces, (growth) => {
        const stream = createStream()
        let text = ''
        let before: readonly MarkdownBlock[] = []
        for (const next of growth.filter((part) => !part.includes(']'))) {
          text += next
          const blocks = stream.update(text, true)
          before.forEach((block, index) => {
            if (block.frozen) expect(blocks[index]).toBe(block)
          })
          before = blocks
        }
      }),
    )
  })

  test('freezes all but the last block while the answer arrives, and all of them at its end', () => {
    const stream = createStream()
    const text = '# One\n\nTwo\n\n- three\n- four\n\nfive'
    expect(stream.update(text, true).map((block) => block.frozen)).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(stream.update(`${text}\n`, true).map((block) => block.frozen)).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(stream.update(`${text}\n`).map((block) => block.frozen)).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  test('keeps keys in place while the text grows', () => {
    const stream = createStream()
    const keys = ['a', 'a\n\nb', 'a\n\nb\n\n- c', 'a\n\nb\n\n- c\n\nd\n'].map((text) =>
      stream.update(text, true).map((block) => block.key),
    )
    expect(keys).toEqual([['0'], ['0', '1'], ['0', '1', '2'], ['0', '1', '2', '3']])
  })

  test('keeps a list open for the item that only begins', () => {
    const stream = createStream()
    stream.update('1. one\n\n2', true)
    expect(join(stream.update('1. one\n\n2. two', true))).toBe(wholeDocument('1. one\n\n2. two'))
  })

  test('names the boxes of a task list: they have no label', () => {
    const boxes = wholeDocument('- [ ] one\n- [x] two').match(/aria-label="[^"]+"/g)
    expect(boxes).toEqual(['aria-label="To do"', 'aria-label="Done"'])
  })

  test('resolves a reference that is defined after its use', () => {
    const stream = createStream()
    const text = 'See [fal][1].\n\nMore.\n\nEnd.\n\n'
    expect(join(stream.update(text))).not.toContain('<a ')
    expect(join(stream.update(`${text}[1]: https://fal.ai\n`))).toContain('href="https://fal.ai"')
  })

  test('takes any label, those every object knows included', () => {
    const stream = createStream()
    const text = '[constructor]: https://fal.ai/a\n[__proto__]: https://fal.ai/b\n\nSome words.\n\n'
    stream.update(text)
    const shown = join(stream.update(`${text}See [constructor] and [__proto__].\n`))
    expect(shown).toContain('href="https://fal.ai/a"')
    expect(shown).toContain('href="https://fal.ai/b"')
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  test('starts over when the text is not an extension of the one before', () => {
    const stream = createStream()
    stream.update('one\n\ntwo\n\nthree')
    expect(join(stream.update('another\n\ntext'))).toBe(wholeDocument('another\n\ntext'))
  })

  test('answers the same list when asked again about the same text', () => {
    const stream = createStream()
    expect(stream.update('one', true)).toBe(stream.update('one', true))
  })

  test('reads only the tail: a long answer costs no more per token at its end than at its start', () => {
    const stream = createStream()
    const paragraph = 'Some **bold** words and `code`, then more of them.\n\n'
    const frozenBlocks = (text: string) => stream.update(text, true).filter((block) => block.frozen)
    const first = frozenBlocks(paragraph.repeat(50))
    const second = frozenBlocks(paragraph.repeat(51))
    expect(second.length).toBe(first.length + 1)
    expect(second.slice(0, first.length).every((block, index) => block === first[index])).toBe(true)
  })
})
