import type { Locator, Page } from 'playwright-core'

/** The screen by the names a person, or a screen reader, knows it by. */
export interface ChatPage {
  readonly message: Locator
  readonly conversation: Locator
  readonly answers: Locator
  readonly questions: Locator
  /** The titles in the list of conversations, of which only one is on the screen. */
  readonly titles: Locator
  readonly attached: Locator
  button(name: string): Locator
  /** Writes a message and presses Enter. */
  send(text: string): Promise<void>
  /** Resolves when the last answer has this status. */
  waitForAnswer(status: string): Promise<void>
  /** Sends a message and resolves when it is answered. */
  ask(text: string): Promise<void>
}

/** Names the parts of a demo's screen. They are the same in every framework. */
export function chatPage(page: Page): ChatPage {
  const message = page.getByRole('textbox', { name: 'Message', exact: true })
  const conversation = page.getByRole('log', { name: 'Conversation' })
  const answers = conversation.getByRole('article', { name: 'Answer' })
  const past = page.getByRole('list', { name: 'Past conversations' })
  const chat: ChatPage = {
    message,
    conversation,
    answers,
    questions: conversation.getByRole('article', { name: 'You' }),
    titles: past.getByRole('button', { name: /^(?!Delete )/ }),
    attached: page.getByRole('list', { name: 'Attached images' }).getByRole('listitem'),
    button: (name) => page.getByRole('button', { name, exact: true }),
    async send(text) {
      await message.fill(text)
      await message.press('Enter')
    },
    async waitForAnswer(status) {
      await answers
        .last()
        .and(page.locator(`[data-status="${status}"]`))
        .waitFor()
    },
    async ask(text) {
      const before = await answers.count()
      await chat.send(text)
      await answers.nth(before).waitFor()
      await chat.waitForAnswer('done')
    },
  }
  return chat
}
