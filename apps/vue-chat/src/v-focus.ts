import type { Directive } from 'vue'

/** `v-focus`: takes the focus when it appears. The attribute `autofocus` does so only once per page. */
export const vFocus: Directive<HTMLElement> = {
  mounted: (element) => element.focus(),
}
