import type { Token } from 'marked'

// While an answer arrives its last line is nearly always half-written: "**bo", "[fal](https://fa",
// "| a | b |" with no second row yet. Shown as it stands it flickers between signs and their
// meaning. This closes what is open, by looking at the last line only; the next token decides anew.

/** The block's source as it would read were it finished here. Code is left alone. */
export function mendTail(block: Token, source: string): string {
  if (endsInCode(block)) return source
  const text = source.trimEnd()
  const start = text.lastIndexOf('\n') + 1
  const before = text.slice(0, start)
  const line = text.slice(start)
  if (block.type === 'paragraph' && mayBecomeTable(source, before)) return mendTable(before, line)
  if (before !== '' && underline.test(line)) return before
  const marker = lineMarker.exec(line)?.[0] ?? ''
  return before + marker + closeInline(line.slice(marker.length))
}

const underline = /^ {0,3}(?:-+|=+)$/
const lineMarker = /^\s*(?:(?:>|[-*+]|\d{1,9}[.)]|#{1,6})(?:\s+|$))*(?:\[[ xX]?\]?\s*$)?/
const brokenLink = /(!?)\[([^\]]*)\]\([^)]*$/

function endsInCode(token: Token): boolean {
  if (token.type === 'code') return true
  const last = childrenOf(token).findLast((child) => child.type !== 'space')
  return last ? endsInCode(last) : false
}

// Blocks only: what is inside a paragraph is no block.
function childrenOf(token: Token): readonly Token[] {
  if (token.type === 'list') return token['items']
  const holdsBlocks = token.type === 'list_item' || token.type === 'blockquote'
  return holdsBlocks && 'tokens' in token ? (token.tokens ?? []) : []
}

function mayBecomeTable(source: string, before: string): boolean {
  return source.startsWith('| ') && (before === '' || before.indexOf('\n') === before.length - 1)
}

function mendTable(before: string, line: string): string {
  const header = before === '' ? closeInline(line) : before.trimEnd()
  const isDelimiterSoFar = before === '' || /^[|:\- ]*$/.test(line)
  if (!isDelimiterSoFar) return before + closeInline(line)
  const columns = header.replace(/^\||\|$/g, '').split('|').length
  return `${header.endsWith('|') ? header : `${header}|`}\n|${'---|'.repeat(columns)}`
}

function closeInline(line: string): string {
  const withoutLink = line.replace(brokenLink, (_, image: string, label: string) =>
    image === '' ? label : '',
  )
  const { open, end } = scanInline(withoutLink)
  const text = withoutLink.slice(0, end).trimEnd()
  return text + open.toReversed().join('')
}

/** Which marks are open at the end of a line, and where its last mark begins if nothing follows it. */
function scanInline(line: string): { open: readonly string[]; end: number } {
  const open: string[] = []
  let index = 0
  while (index < line.length) {
    const mark = /^(?:`+|\*{1,3}|_{1,3}|~~)/.exec(line.slice(index))?.[0]
    if (mark === undefined) {
      index += line[index] === '\\' ? 2 : 1
      continue
    }
    const next = index + mark.length
    if (mark.startsWith('`')) {
      const close = line.indexOf(mark, next)
      if (close < 0)
        return next === line.length
          ? { open, end: index }
          : { open: [...open, mark], end: line.length }
      index = close + mark.length
      continue
    }
    const before = line[index - 1] ?? ' '
    const after = line[next] ?? ' '
    const position = open.lastIndexOf(mark)
    if (position >= 0 && before !== ' ') open.length = position
    else if (next === line.length) return { open, end: index }
    else if (after !== ' ' && !(mark.startsWith('_') && /\w/.test(before))) open.push(mark)
    index = next
  }
  return { open, end: line.length }
}
