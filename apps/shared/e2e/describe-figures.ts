import { expect, test } from 'vitest'
import type { Screen } from './open-screen.ts'

/** What it took, and what of the history was sent. */
export function describeFigures(screen: Screen): void {
  const total = () => screen.page.getByRole('note', { name: 'Conversation total' })

  test('rule 11: the total is a sum of what was reported, and an estimate is called one', async () => {
    expect(await total().count()).toBe(0)
    await screen.chat.ask('/echo one')
    const first = await total().innerText()
    expect(first).toMatch(/^\$[\d.]+ · [\d,]+ tokens$/)
    await screen.chat.ask('/echo two')
    expect(await total().innerText()).not.toBe(first)
    await screen.page.getByRole('combobox', { name: 'Endpoint' }).selectOption('fal-ai/any-llm')
    await screen.chat.ask('/echo three')
    expect(await total().innerText()).toMatch(
      /^\$[\d.]+ · ≈ [\d,]+ tokens, 1 of 3 answers estimated$/,
    )
    await screen.chat.button('New chat').click()
    expect(await total().count()).toBe(0)
  })

  test('rule 9: shows what of a long history was sent, and why not all', async () => {
    const book = 'word '.repeat(40_000)
    await screen.chat.ask(`${book}\n/long 5`)
    expect(await screen.page.getByText(/Sent \d+ of/).count()).toBe(0)
    await screen.chat.ask(`${book}\n/long 6`)
    await screen.chat.answers.last().getByText('Sent 1 of 3 turns').click()
    await screen.chat.answers.last().getByText('2 older turns were left out').waitFor()
  })
}
