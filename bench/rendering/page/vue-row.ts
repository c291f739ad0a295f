import { h } from 'vue'
import type { VNode } from 'vue'

/** A row, the same for every contender. */
export function rowOf(role: string, text: string): VNode {
  return h('article', { class: `row ${role}` }, h('p', text))
}
