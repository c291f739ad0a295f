import { copyText } from '../dom/copy-text.ts'

/** How long a copy button shows that it worked, milliseconds. */
const shownMs = 1600

/**
 * Handles a click anywhere in rendered Markdown: on a fence's copy button it copies the code.
 * One listener on the conversation serves every fence, those that are still being written too.
 */
export async function copyCode(event: { readonly target: EventTarget | null }): Promise<void> {
  const button = event.target instanceof Element ? event.target.closest('.copy-code') : null
  const code = button?.closest('.code')?.querySelector('pre')?.textContent
  if (!(button instanceof HTMLElement) || !code || !(await copyText(code))) return
  button.dataset['copied'] = ''
  setTimeout(() => delete button.dataset['copied'], shownMs)
}
