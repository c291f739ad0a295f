// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { toHtml } from '../templates/shared/chat/markdown.ts'

describe('the Markdown of created apps', () => {
  test('is a piece per block, and a finished piece stays the same while the text grows', () => {
    const before = toHtml('# Hi\n\nOne **word**\n\n- a')
    const after = toHtml('# Hi\n\nOne **word**\n\n- a\n- b\n\n| x |\n|---|\n| y |')
    expect(before).toHaveLength(3)
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[1]).toBe('<p>One <strong>word</strong></p>\n')
    expect(after[3]).toContain('<td>y</td>')
  })

  test.each([
    '<script>alert(1)</script>',
    '<img src="x" onerror="alert(1)">',
    '![seen](https://spy.example/who.png)',
    '<p style="position: fixed" onclick="alert(1)">x</p>',
    '[x](javascript:alert(1))',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<form action="https://spy.example"><button>Go</button></form>',
    '<iframe src="https://spy.example"></iframe>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  ])('takes what may harm out of %s', (markdown) => {
    const html = toHtml(markdown).join('')
    expect(html).not.toMatch(
      /<(script|img|form|button|iframe|svg)|on\w+=|style=|javascript:|data:/i,
    )
  })

  test('opens links outside, and tells nobody where they were', () => {
    const [html] = toHtml('[fal](https://fal.ai)')
    expect(html).toContain('href="https://fal.ai"')
    expect(html).toContain('target="_blank"')
    expect(html).toContain('rel="noopener noreferrer"')
  })

  test('knows code by its language and shows HTML in it as text', () => {
    expect(toHtml('```html\n<b>x</b>\n```')[0]).toContain('class="language-html">&lt;b&gt;x')
  })
})
