import { expect, test } from 'vitest'
import { textLength } from './answer-probes.ts'
import type { Screen } from './open-screen.ts'

/** What goes wrong, and that the screen shows what to do. */
export function describeFailures(screen: Screen): void {
  const retry = () => screen.chat.answers.last().getByRole('button', { name: 'Retry' })

  test('shows a failure on its message, in a sentence, with Retry', async () => {
    await screen.chat.send('/error the disk is full')
    await screen.chat.waitForAnswer('error')
    const answer = screen.chat.answers.last()
    await answer.getByText('The provider could not finish the answer.').click()
    await answer.getByText('the disk is full').waitFor()
    await retry().click()
    await screen.chat.waitForAnswer('error')
    await screen.chat.ask('/echo never mind')
  })

  test.each(['/cut 12', '/drop 12'])(
    'rule 1: an answer that is cut keeps its text: %s',
    async (fault) => {
      screen.expectComplaints(/Failed to load resource/)
      await screen.chat.send(`/long 200\n${fault}`)
      await screen.chat.waitForAnswer('interrupted')
      const answer = screen.chat.answers.last()
      await answer.getByText('The connection broke before the answer was complete.').waitFor()
      expect(await textLength(answer)).toBeGreaterThan(60)
      expect(await retry().isVisible()).toBe(true)
    },
  )

  test('rule 2: an answer that stalls ends by itself, with its text', async () => {
    await screen.page.clock.install()
    await screen.reload()
    await screen.chat.send('/long 200\n/stall 12')
    await expect.poll(() => textLength(screen.chat.answers.last())).toBeGreaterThan(60)
    await screen.page.clock.runFor(40_000)
    await screen.chat.waitForAnswer('interrupted')
    await screen.chat.answers.last().getByText('The model took too long to answer.').waitFor()
    expect(await textLength(screen.chat.answers.last())).toBeGreaterThan(60)
  })

  test('shows when to come back: 429 with Retry-After', async () => {
    screen.expectComplaints(/status of 429/)
    await screen.chat.send('/429 3600')
    await screen.chat.waitForAnswer('error')
    await screen.chat.answers.last().getByText('Too many requests. Retry in 60 minutes.').waitFor()
  })

  test.each([
    ['/401', 'fal did not accept the key. Set FAL_KEY'],
    ['/404', 'fal does not know this model. Choose another'],
    ['/422', 'The provider declined to answer this. Edit the message'],
    ['/500', 'The provider could not finish the answer. fal may be working on it all the same'],
  ])('%s is a sentence that says what to do', async (command, sentence) => {
    screen.expectComplaints(/Failed to load resource/)
    await screen.chat.send(command)
    await screen.chat.waitForAnswer('error')
    await screen.chat.answers.last().getByText(sentence).first().waitFor()
  })

  test('shows that there is no network, and goes on when it is back', async () => {
    screen.expectComplaints(/ERR_INTERNET_DISCONNECTED/)
    const banner = screen.page.getByRole('status').getByText('You are offline.')
    await screen.page.context().setOffline(true)
    await banner.waitFor()
    await screen.chat.send('/echo are you there?')
    await screen.chat.waitForAnswer('error')
    await screen.chat.answers.last().getByText('fal cannot be reached.').waitFor()
    await screen.page.context().setOffline(false)
    await banner.waitFor({ state: 'detached' })
    await retry().click()
    await screen.chat.waitForAnswer('done')
  })
}
