import { Lexer, Marked, Parser } from 'marked'
import type { Links, RendererObject, Token, TokenizerObject, TokensList } from 'marked'
import { isSafeImage, isSafeLink } from './safe-address.ts'

// GitHub's Markdown with three differences: HTML written by the model is text (but for <br>, which
// models use inside table cells), only safe addresses become links or images, and a reference
// definition stays on one line, so a finished block cannot be pulled into one later.

const lineBreak = /^<br\s*\/?>/i
const definition =
  /^ {0,3}\[((?:\\[^\n]|[^[\]\\\n])+)\]: *(?:<([^\n<>]*)>|([^<\s]\S*))(?: +(?:"([^"\n]*)"|'([^'\n]*)'|\(([^()\n]*)\)))? *(?:\n+|$)/

const tokenizer: TokenizerObject = {
  html: () => undefined,
  tag(source) {
    const raw = lineBreak.exec(source)?.[0]
    // Marked's type names no `br` here, but the inline lexer takes any token.
    return raw === undefined ? undefined : ({ type: 'br', raw } as never)
  },
  def(source) {
    const match = definition.exec(source)
    if (!match) return undefined
    const [raw, label = '', bracketed, bare, ...titles] = match
    return {
      type: 'def',
      raw,
      tag: label.trim().replace(/\s+/g, ' ').toLowerCase(),
      href: bracketed ?? bare ?? '',
      title: titles.find((title) => title !== undefined) ?? '',
    }
  },
}

const renderer: RendererObject = {
  code({ text, lang = '' }) {
    const language = escapeHtml(/^\S*/.exec(lang)?.[0] ?? '')
    const code = escapeHtml(text.endsWith('\n') ? text : `${text}\n`)
    return (
      `<figure class="code"><figcaption><span>${language || 'text'}</span>` +
      `<button type="button" class="copy-code" aria-label="Copy code">Copy</button></figcaption>` +
      `<pre tabindex="0"><code>${code}</code></pre></figure>\n`
    )
  },
  // The page has its own first two levels.
  heading({ tokens, depth }) {
    const level = Math.min(depth + 2, 6)
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`
  },
  table(token) {
    const cells = (row: typeof token.header) =>
      this.tablerow({ text: row.map((cell) => this.tablecell(cell)).join('') })
    const body = token.rows.map(cells).join('')
    return (
      `<div class="table" role="region" aria-label="Table" tabindex="0"><table>` +
      `<thead>${cells(token.header)}</thead>${body && `<tbody>${body}</tbody>`}</table></div>\n`
    )
  },
  // Its words follow in the text, but belong to no label.
  checkbox({ checked }) {
    return checked
      ? '<input type="checkbox" checked disabled aria-label="Done"> '
      : '<input type="checkbox" disabled aria-label="To do"> '
  },
  link({ href, tokens }) {
    return isSafeLink(href) ? false : this.parser.parseInline(tokens)
  },
  image({ href, text }) {
    if (isSafeImage(href)) return false
    const label = escapeHtml(text || href)
    return isSafeLink(href) ? `<a href="${escapeHtml(href)}">${label}</a>` : label
  },
}

const dialect = new Marked({ gfm: true, tokenizer, renderer })

/** Reads Markdown into blocks. `links` are the reference definitions known before it; the result's `links` adds its own. */
export function readMarkdown(source: string, links: Links = {}): TokensList {
  const lexer = new Lexer(dialect.defaults)
  Object.assign(lexer.tokens.links, links)
  return lexer.lex(source)
}

/** The reference definitions in a block, inside its lists and quotations too; the first of a label wins. */
export function findLinks(block: Token): Links {
  const links: Links = Object.create(null)
  dialect.walkTokens([block], (token) => {
    if (token.type === 'def') links[token['tag']] ??= { href: token['href'], title: token['title'] }
  })
  return links
}

/** Turns blocks into HTML that still has to pass `sanitizeHtml`. */
export function toUncheckedHtml(tokens: readonly Token[]): string {
  return new Parser(dialect.defaults).parse([...tokens])
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
