/** Begins a statement of the samples; anything else is the page's text again. */
const statementStart = /^(import |const |for await |console\.|fal\.)/

/**
 * Takes the JavaScript samples out of a page of fal's, as they stand.
 * A sample begins with the import of the client and goes on as long as statements follow, on lines of their own or, where
 * a page's line breaks are squeezed, with the page's text right behind the last one.
 */
export function extractJavaScript(page: string): readonly string[] {
  const samples: string[] = []
  const start = 'import { fal } from "@fal-ai/client";'
  for (let at = page.indexOf(start); at >= 0; at = page.indexOf(start, at + 1)) {
    samples.push(page.slice(at, findEnd(page, at)))
  }
  return samples
}

/** Takes the cURL samples out of a page: fenced, from `curl` to the fence. */
export function extractCurl(page: string): readonly string[] {
  return page.match(/^curl [\s\S]*?(?=\n```)/gm) ?? []
}

/** Where the statements that begin at a position end. */
function findEnd(page: string, from: number): number {
  let end = from
  for (;;) {
    const next = end + (/^\s*/.exec(page.slice(end))?.[0].length ?? 0)
    if (!statementStart.test(page.slice(next, next + 20))) return end
    end = findStatementEnd(page, next)
  }
}

/** Behind the semicolon of a statement, or the brace of a loop; brackets and strings are stepped over. */
function findStatementEnd(page: string, from: number): number {
  const isLoop = page.startsWith('for', from)
  let depth = 0
  let quote = ''
  for (let at = from; at < page.length; at++) {
    const character = page.charAt(at)
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if ('"\'`'.includes(character)) quote = character
    else if ('([{'.includes(character)) depth += 1
    else if (')]}'.includes(character)) {
      depth -= 1
      if (depth === 0 && isLoop && character === '}') return at + 1
    } else if (depth === 0 && character === ';') return at + 1
  }
  return page.length
}
