import { expect, onTestFinished, test } from 'vitest'
import { fillQueue } from './fill-queue.ts'
import { textLength } from './answer-probes.ts'
import type { Screen } from './open-screen.ts'

/** Answers that survive what becomes of the page. */
export function describeDurable(screen: Screen): void {
  test('rule 19: a page that is reloaded mid-job sees it finish, submitted once', async () => {
    const submits: string[] = []
    screen.page.on('request', (request) => {
      const target = request.headers()['x-fal-target-url'] ?? ''
      if (request.method() === 'POST' && target.includes('queue.fal.run')) submits.push(target)
    })
    await screen.chat.button('Durable').click()
    await screen.chat.send('/long 300')
    await screen.chat.conversation.getByText(/In the queue|Next in the queue|Working/).waitFor()
    await screen.reload()
    await screen.chat.waitForAnswer('done')
    expect(await screen.chat.answers.count()).toBe(1)
    expect(await textLength(screen.chat.answers.last())).toBeGreaterThan(1200)
    expect(submits).toHaveLength(1)
    expect(await screen.chat.button('Durable').getAttribute('aria-pressed')).toBe('true')
  })

  test('shows how many are ahead, then the log of the job', async () => {
    const empty = await fillQueue(screen.emulatorUrl, 3)
    onTestFinished(empty)
    await screen.chat.button('Durable').click()
    await screen.chat.send('/long 600')
    await screen.chat.conversation.getByText('In the queue, 1 ahead').waitFor()
    await empty()
    await screen.chat.conversation.getByText('Log', { exact: true }).click()
    const lines = screen.chat.conversation.locator('.queue-log').getByRole('listitem')
    await expect.poll(() => lines.count()).toBeGreaterThan(1)
    expect(await lines.first().innerText()).toContain('Asking google/gemini-2.5-flash')
    await screen.chat.button('Stop').click()
    await screen.chat.waitForAnswer('stopped')
  })
}
