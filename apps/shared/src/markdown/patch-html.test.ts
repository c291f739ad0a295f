// @vitest-environment jsdom
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patchHtml } from './patch-html.ts'

const render = (html: string) => {
  const element = document.createElement('div')
  element.innerHTML = html
  return element
}

const leaf = fc.constantFrom('a', 'b c', '<br>', '<code>x</code>', '<a href="https://fal.ai">f</a>')
const inline = fc.array(leaf, { maxLength: 4 }).map((parts) => parts.join(''))
const block = fc.oneof(
  inline.map((html) => `<p>${html}</p>`),
  inline.map((html) => `<pre><code>${html}</code></pre>`),
  fc
    .array(inline, { maxLength: 4 })
    .map((items) => `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`),
)
const page = fc.array(block, { maxLength: 5 }).map((blocks) => blocks.join('\n'))

describe('patchHtml', () => {
  test('always ends with what the HTML says', () => {
    fc.assert(
      fc.property(page, page, (before, after) => {
        const element = render(before)
        patchHtml(element, after)
        expect(element.innerHTML).toBe(render(after).innerHTML)
      }),
    )
  })

  test('appends to a growing text instead of replacing it', () => {
    const element = render('<ul><li>one</li><li>tw</li></ul>')
    const [first, second] = element.querySelectorAll('li')
    const text = second?.firstChild
    patchHtml(element, '<ul><li>one</li><li>two</li><li>three</li></ul>')
    expect([...element.querySelectorAll('li')].slice(0, 2)).toEqual([first, second])
    expect(second?.firstChild).toBe(text)
    expect(element.textContent).toBe('onetwothree')
  })

  test('replaces an element whose attributes changed', () => {
    const element = render('<a href="https://fal.ai/a">x</a>')
    patchHtml(element, '<a href="https://fal.ai/ab">x</a>')
    expect(element.innerHTML).toBe('<a href="https://fal.ai/ab">x</a>')
  })
})
