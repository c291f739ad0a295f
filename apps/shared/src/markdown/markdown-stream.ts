import type { Links, Token } from 'marked'
import { findLinks, readMarkdown, toUncheckedHtml } from './markdown-dialect.ts'
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
  /** Whether it holds what a definition further down could make a link. */
  readonly mayRefer: boolean
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
  let washed: ReadonlyMap<string, string> = new Map()
  let last = { text: '', live: false, blocks: [] as readonly MarkdownBlock[] }

  function restart(): void {
    frozen = []
    frozenText = ''
    frozenLinks = {}
  }

  function freeze({ token, source }: Piece, html: string, known: readonly FrozenBlock[]): void {
    frozenText += source
    frozenLinks = { ...findLinks(token), ...frozenLinks }
    if (html === '') return
    const key = String(frozen.length)
    const before = known[frozen.length]
    const mayRefer = source.includes(']')
    frozen.push(before?.html === html ? before : { key, html, frozen: true, mayRefer })
  }

  function read(text: string, live: boolean): readonly MarkdownBlock[] {
    if (!text.startsWith(frozenText)) restart()
    const known = frozen
    let tokens = readMarkdown(text.slice(frozenText.length), frozenLinks)
    // A definition gives meaning to what refers to it, however far above.
    const links = JSON.stringify(tokens.links)
    if (links !== shownLinks && known.some((block) => block.mayRefer)) {
      restart()
      tokens = readMarkdown(text)
    }
    shownLinks = links

    const { wash, seen } = createWash(washed, sanitize)
    washed = seen
    const pieces = toPieces(tokens, text.slice(frozenText.length))
    const finished = countFinished(pieces)
    for (const piece of pieces.slice(0, finished)) freeze(piece, wash(piece.token), known)
    const tail = pieces.slice(finished)
    const shown = live ? mendLast(tail, tokens.links) : tail.map((piece) => piece.token)
    const blocks: MarkdownBlock[] = [...frozen]
    for (const html of shown.map(wash).filter(Boolean)) {
      blocks.push({ key: String(blocks.length), html, frozen: !live })
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

/** Makes HTML safe, but no HTML that was made safe a moment ago. */
function createWash(known: ReadonlyMap<string, string>, sanitize: (html: string) => string) {
  const seen = new Map<string, string>()
  const wash = (token: Token): string => {
    const unchecked = toUncheckedHtml([token])
    if (unchecked === '') return ''
    const html = known.get(unchecked) ?? sanitize(unchecked)
    seen.set(unchecked, html)
    return html
  }
  return { wash, seen }
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
