import createPurifier from 'dompurify'
import type { DOMPurify } from 'dompurify'
import { Marked } from 'marked'

const marked = new Marked({ gfm: true })

// A model's words may hold anything. No picture is loaded for it, and no style, form or script is taken from it.
const allowed = {
  ALLOWED_TAGS:
    'a blockquote br code del em h1 h2 h3 h4 h5 h6 hr input li ol p pre strong table tbody td th thead tr ul'.split(
      ' ',
    ),
  ALLOWED_ATTR: 'align checked class disabled href rel start target type'.split(' '),
}

let purifier: DOMPurify | undefined
let known = new Map<string, string>()

/**
 * Turns Markdown into HTML that is safe to show, a piece for each paragraph, list, table or block of code: while an answer
 * grows, its finished pieces stay what they are. Needs a browser.
 */
export function toHtml(markdown: string): string[] {
  const tokens = marked.lexer(markdown).filter(({ type }) => type !== 'space')
  return tokens.map((token) => toSafeHtml(marked.parser([token])))
}

function toSafeHtml(html: string): string {
  const safe = known.get(html) ?? purify(html)
  if (known.size > 1000) known = new Map()
  known.set(html, safe)
  return safe
}

function purify(html: string): string {
  // Made on first use: a server that renders the page has no DOM.
  purifier ??= openLinksOutside(createPurifier())
  return purifier.sanitize(html, allowed)
}

function openLinksOutside(created: DOMPurify): DOMPurify {
  created.addHook('afterSanitizeAttributes', (element) => {
    if (!element.hasAttribute('href')) return
    element.setAttribute('target', '_blank')
    element.setAttribute('rel', 'noopener noreferrer')
  })
  return created
}
