// @vitest-environment jsdom
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { createMarkdownStream } from './markdown-stream.ts'
import { sanitizeHtml } from './sanitize-html.ts'

const attacks = [
  '<script>globalThis.harmed = true</script>',
  '<img src=x onerror="globalThis.harmed = true">',
  '<svg onload="globalThis.harmed = true"><a xlink:href="javascript:alert(1)">x</a></svg>',
  '<iframe srcdoc="<script>parent.harmed = true</script>"></iframe>',
  '<details open ontoggle="globalThis.harmed = true">x</details>',
  '<math><mtext><table><mglyph><style><img src=x onerror="globalThis.harmed = true">',
  '<style>@import url(https://evil.example/a.css)</style>',
  '<form action="https://evil.example"><button formaction="javascript:alert(1)">go</button></form>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<a href="https://fal.ai" onclick="globalThis.harmed = true">x</a>',
  '[x](javascript:globalThis.harmed=true)',
  '[x](JaVaScRiPt&colon;alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](vbscript:alert(1))',
  '[x](http://evil.example)',
  '[x](//evil.example)',
  '[x](https://fal.ai" onmouseover="alert(1))',
  '<javascript:alert(1)>',
  '![x](https://evil.example/pixel.png)',
  '![x](javascript:alert(1))',
  '![x](https://evil.example/a.png" onerror="alert(1))',
  '![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)',
  '![x](https://fal.media.evil.example/a.png)',
  '![x](https://fal.media@evil.example/a.png)',
  '![x]( "onerror=alert(1))',
  '[x]: javascript:alert(1)\n\n[x]\n\n![x]',
  '```"><img src=x onerror=alert(1)>\ncode\n```',
  '`<img src=x onerror=alert(1)>`',
  '| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:alert(1)) |\n',
  '<br onclick="alert(1)"><br/ onload=alert(1)>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '# <script>alert(1)</script>',
  '- <img src=x onerror=alert(1)>',
  '> <script>alert(1)</script>',
  '[![x](https://evil.example/a.png)](javascript:alert(1))',
]

const show = (html: string) => {
  const page = document.createElement('div')
  document.body.replaceChildren(page)
  page.innerHTML = html
  return page
}

function expectHarmless(html: string): void {
  const page = show(html)
  const forbidden =
    'script, style, iframe, svg, math, form, base, meta, link, object, embed, details, [srcdoc], [style]'
  expect(page.querySelectorAll(forbidden)).toHaveLength(0)
  for (const element of page.querySelectorAll('*')) {
    const names = element.getAttributeNames()
    expect(names.filter((name) => name.startsWith('on') || name.startsWith('form'))).toEqual([])
  }
  for (const link of page.querySelectorAll('[href]')) {
    expect(new URL(link.getAttribute('href') ?? '').protocol).toBe('https:')
    expect(link.getAttribute('rel')).toBe('noopener noreferrer')
    expect(link.getAttribute('target')).toBe('_blank')
  }
  for (const image of page.querySelectorAll('[src]')) {
    expect(image.getAttribute('src')).toMatch(
      /^(?:https:\/\/(?:[\w-]+\.)?fal\.media\/|data:image\/png;base64,)/,
    )
  }
  expect('harmed' in globalThis).toBe(false)
}

beforeEach(() => document.body.replaceChildren())

describe('what a model writes', () => {
  test.each(attacks)('is harmless when whole: %j', (attack) => {
    const blocks = createMarkdownStream().update(attack)
    expectHarmless(blocks.map((block) => block.html).join(''))
  })

  test('is harmless at every moment, however tokens cut it', () => {
    const growth = fc.tuple(
      fc.constantFrom(...attacks),
      fc.array(fc.nat({ max: 80 }), { maxLength: 4 }),
    )
    fc.assert(
      fc.property(growth, ([attack, cuts]) => {
        const stream = createMarkdownStream()
        for (const cut of [...cuts.sort((a, b) => a - b), attack.length]) {
          const blocks = stream.update(`Hello\n\n${attack.slice(0, cut)}`, true)
          expectHarmless(blocks.map((block) => block.html).join(''))
        }
      }),
      { numRuns: 60 },
    )
  })

  test.each(attacks.filter((attack) => attack.startsWith('<')))(
    'is harmless even as raw HTML: %j',
    (attack) => {
      expectHarmless(sanitizeHtml(attack))
    },
  )

  test('keeps its HTML visible as text', () => {
    const [block] = createMarkdownStream().update('use <b>bold</b> here')
    expect(show(block?.html ?? '').textContent?.trim()).toBe('use <b>bold</b> here')
  })

  test('links only over https, in a new tab, without an opener', () => {
    const [block] = createMarkdownStream().update('[fal](https://fal.ai) and [old](http://fal.ai)')
    const links = show(block?.html ?? '').querySelectorAll('a')
    expect([...links].map((link) => link.href)).toEqual(['https://fal.ai/'])
  })

  test.each([
    'https://fal.media/files/a.png',
    'https://v3.fal.media/files/a.png',
    'https://v3b.fal.media/files/a.png',
    'data:image/png;base64,iVBORw0KGgo=',
  ])('shows an image from %s', (address) => {
    const [block] = createMarkdownStream().update(`![a cat](${address})`)
    const image = show(block?.html ?? '').querySelector('img')
    expect(image?.getAttribute('src')).toBe(address)
    expect(image?.alt).toBe('a cat')
    expect(image?.getAttribute('referrerpolicy')).toBe('no-referrer')
  })

  test('turns a foreign image into a link', () => {
    const [block] = createMarkdownStream().update('![a cat](https://example.com/cat.png)')
    const page = show(block?.html ?? '')
    expect(page.querySelector('img')).toBeNull()
    expect(page.querySelector('a')?.href).toBe('https://example.com/cat.png')
    expect(page.textContent?.trim()).toBe('a cat')
  })

  test('shows code with its language and a button to copy it', () => {
    const [block] = createMarkdownStream().update('```ts\nconst a = 1 < 2\n```')
    const page = show(block?.html ?? '')
    expect(page.querySelector('figcaption span')?.textContent).toBe('ts')
    expect(page.querySelector('button')?.getAttribute('aria-label')).toBe('Copy code')
    expect(page.querySelector('pre code')?.textContent).toBe('const a = 1 < 2\n')
  })

  test('lets a table scroll and break lines', () => {
    const [block] = createMarkdownStream().update('| a | b |\n|---|:-:|\n| 1<br>2 | 3 |\n')
    const page = show(block?.html ?? '')
    expect(page.querySelector('.table')?.getAttribute('tabindex')).toBe('0')
    expect(page.querySelectorAll('br')).toHaveLength(1)
    expect(page.querySelector('td[align=center]')?.textContent).toBe('3')
  })
})
