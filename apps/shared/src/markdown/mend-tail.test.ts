import { describe, expect, test } from 'vitest'
import { createMarkdownStream } from './markdown-stream.ts'

const live = (text: string) =>
  createMarkdownStream((html) => html)
    .update(text, true)
    .map((block) => block.html.trim())
    .join('\n')

describe('the half-written end of an answer', () => {
  test.each([
    ['**bo', '<p><strong>bo</strong></p>'],
    ['a **bold', '<p>a <strong>bold</strong></p>'],
    ['a **bold ', '<p>a <strong>bold</strong></p>'],
    ['a **bold*', '<p>a <strong>bold</strong></p>'],
    ['a **', '<p>a</p>'],
    ['a *', '<p>a</p>'],
    ['a *b **c', '<p>a <em>b <strong>c</strong></em></p>'],
    ['a ~~b', '<p>a <del>b</del></p>'],
    ['run `npm i', '<p>run <code>npm i</code></p>'],
    ['run `', '<p>run</p>'],
    ['3 * 4 * 5', '<p>3 * 4 * 5</p>'],
    ['snake_case_na', '<p>snake_case_na</p>'],
    ['a \\*b', '<p>a *b</p>'],
    ['see [fal](https://fal.a', '<p>see fal</p>'],
    ['see ![a cat](https://v3.fal', '<p>see</p>'],
    ['see [fal', '<p>see [fal</p>'],
    ['Title\n-', '<p>Title</p>'],
    ['Title\n==', '<p>Title</p>'],
    ['## He', '<h4>He</h4>'],
    ['- one\n- **tw', '<ul>\n<li>one</li>\n<li><strong>tw</strong></li>\n</ul>'],
    ['> a *b', '<blockquote>\n<p>a <em>b</em></p>\n</blockquote>'],
  ])('%j reads as it will', (text, html) => {
    expect(live(text)).toBe(html)
  })

  test.each([
    '| Model | Pri',
    '| Model | Price |\n',
    '| Model | Price |\n|--',
    '| Model | Price |\n|---|--',
  ])('%j is a table already', (text) => {
    expect(live(text)).toContain('<th>Model</th>')
    expect(live(text)).not.toContain('--')
  })

  test.each(['```ts\nconst a = `b', '- x\n  ```\n  **', '    a * b **c'])(
    'leaves code as it is: %j',
    (text) => {
      const code = /<code>([^]*)<\/code>/.exec(live(text))?.[1]
      expect(text).toContain(code?.trimEnd())
    },
  )
})
