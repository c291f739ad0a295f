import type { Locator } from 'playwright-core'
import { expect } from 'vitest'

/** How many characters an element shows. */
export function textLength(element: Locator): Promise<number> {
  return element.evaluate((node) => node.textContent.length)
}

/** The lengths a growing answer was seen at. */
export async function watchGrowth(answer: Locator): Promise<readonly number[]> {
  const lengths = new Set<number>()
  await answer.waitFor()
  for (;;) {
    const [status, length] = await answer.evaluate(
      (element) => [element.dataset['status'], element.textContent.length] as const,
    )
    if (status === 'streaming') lengths.add(length)
    else if (status !== 'pending') return [...lengths]
  }
}

/** Resolves when an answer has grown by so many characters. */
export async function waitForWords(answer: Locator, characters: number): Promise<void> {
  const length = await textLength(answer)
  await expect.poll(() => textLength(answer)).toBeGreaterThan(length + characters)
}

/** Counts what happens to an element's content from now on. */
export async function countChanges(element: Locator): Promise<() => Promise<number>> {
  const counter = await element.evaluateHandle((node) => {
    const changes = { count: 0 }
    const observer = new MutationObserver((records) => {
      changes.count += records.length
    })
    observer.observe(node, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
    return changes
  })
  return () => counter.evaluate((changes) => changes.count)
}
