import { createElement } from 'react'
import type { ReactElement } from 'react'

/** A row, the same for every contender. */
export function rowOf(role: string, text: string): ReactElement {
  return createElement('article', { className: `row ${role}` }, createElement('p', null, text))
}
