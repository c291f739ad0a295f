import type { Links, Token } from 'marked'
import { readMarkdown, toUncheckedHtml } from './markdown-dialect.ts'
import { mendTail } from './mend-tail.ts'
import { sanitizeHtml } from './sanitize-html.ts'

/** A top-level piece of a text: a paragraph, a list, a fence, a table. */
export interface MarkdownBlock {
  /** The same for the same place in the text, however long the text grows. */
  readonly key: string
  /** Safe to put into a page. */
  readonly html: string
  /** True once more text cannot change it; a frozen block keeps its identity. */
  readonly frozen: boolean
}

/** A text that grows, as blocks. */
export interface MarkdownStream {
  /**
   * The blocks of the whole text so far. Only what follows the last frozen block is read again.
   * A text that does not extend the one before starts over. A reference definition that arrives
   * after its use replaces the frozen blocks that use it.
   *
   * @param live More is to come: what is half-written at the end is shown as if it were whole.
   */
  update(text: string, live?: boolean): readonly MarkdownBlock[]
}

interface Piece {
  readonly token: Token
  /** What was read to get the token. A token's own `raw` is as long, but not always the same. */
  readonly source: string
}

interface FrozenBlock extends MarkdownBlock {
  readonly source: string
}

/**
 * Makes a stream of one text. Its memory is the text and its HTML.
 *
 * @param sanitize What makes HTML safe. Only tests give another.
 */
export function createMarkdownStream(sanitize = sanitizeHtml): MarkdownStream {
  let frozen: FrozenBlock[] = []
  let frozenText = ''
  let frozenLinks: Links = {}
  let shownLinks = '{}'
  let last = { text: '', live: false, blocks: [] as readonly MarkdownBlock[] }

  function toHtml(tokens: readonly Token[]): string {
    const html = toUncheckedHtml(tokens)
    return html === '' ? '' : sanitize(html)
  }

  function restart(): void {
    frozen = []
    frozenText = ''
    frozenLinks = {}
    shownLinks = '{}'
  }

  function freeze(pieces: readonly Piece[]): void {
    for (const { token, source } of pieces) {
      frozenText += source
      // Read once more by itself: a definition may sit inside a list or a quotation.
      if (source.includes(']:')) frozenLinks = readMarkdown(source, frozenLinks).links
      const html = toHtml([token])
      if (html !== '') frozen.push({ key: String(frozen.length), html, frozen: true, source })
    }
  }

  function showLinks(links: Links): void {
    const wanted = JSON.stringify(links)
    if (wanted === shownLinks) return
    shownLinks = wanted
    frozen = frozen.map((block) => {
      if (!block.source.includes(']')) return block
      const html = toHtml(readMarkdown(block.source, links))
      return html === block.html ? block : { ...block, html }
    })
  }

  function read(text: string, live: boolean): readonly MarkdownBlock[] {
    if (!text.startsWith(frozenText)) restart()
    const source = text.slice(frozenText.length)
    const tokens = readMarkdown(source, frozenLinks)
    const pieces = toPieces(tokens, source)
    const finished = countFinished(pieces)
    showLinks(tokens.links)
    freeze(pieces.slice(0, finished))

    const tail = pieces.slice(finished)
    const shown = live ? mendLast(tail, tokens.links) : tail.map((piece) => piece.token)
    const blocks: MarkdownBlock[] = [...frozen]
    for (const token of shown) {
      const html = toHtml([token])
      if (html !== '') blocks.push({ key: String(blocks.length), html, frozen: !live })
    }
    return blocks
  }

  return {
    update(text, live = false) {
      if (text === last.text && live === last.live) return last.blocks
      last = { text, live, blocks: read(text.replace(/\r\n?/g, '\n'), live) }
      return last.blocks
    },
  }
}

function toPieces(tokens: readonly Token[], source: string): readonly Piece[] {
  let offset = 0
  return tokens.map((token) => {
    const start = offset
    offset += token.raw.length
    return { token, source: source.slice(start, offset) }
  })
}

// Everything above a block is finished when that block's first line is whole ("2" under a list may
// yet become "2." and belong to it, "2\n" may not) and no paragraph touches it: what seems to end a
// paragraph without a blank line, a table say, can turn out to be more of it.
function countFinished(pieces: readonly Piece[]): number {
  const blocks = pieces.flatMap(({ token }, index) => (token.type === 'space' ? [] : [index]))
  const lineIsWhole = pieces.slice(blocks.at(-1)).some(({ source }) => source.includes('\n'))
  const candidates = lineIsWhole ? blocks : blocks.slice(0, -1)
  return candidates.findLast((index) => pieces[index - 1]?.token.type !== 'paragraph') ?? 0
}

function mendLast(tail: readonly Piece[], links: Links): readonly Token[] {
  const tokens = tail.map((piece) => piece.token)
  const last = tail.at(-1)
  if (!last) return tokens
  const mended = mendTail(last.token, last.source)
  return mended === last.source ? tokens : [...tokens.slice(0, -1), ...readMarkdown(mended, links)]
}
