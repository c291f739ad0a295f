import { randomUUID } from 'node:crypto'
import { FalLlmError } from '@fal-llm/core'
import type { Chat, ChatMessage, SendOptions } from '@fal-llm/core'
import { endpointForImages, hasImages, toChatOptions } from './choice.ts'
import type { Choice } from './choice.ts'
import { findImage } from './find-image.ts'
import type { Interruption } from './interruption.ts'
import type { OpenChat } from './open-chat.ts'
import type { AnswerPrinter } from './print/answer-printer.ts'
import { toFailureSentence } from './print/failure-sentence.ts'
import { Misuse } from './misuse.ts'

/** A conversation and what is chosen for its next turn. */
export interface Session {
  readonly chat: Chat
  /** What is held now. */
  readonly choice: Choice
  /** Addresses of the pictures that go with the next message. */
  readonly images: readonly string[]
  choose(choice: Choice): void
  /**
   * Puts a picture to the next message; a file is sent first.
   *
   * @throws Misuse when there is no such picture, or it could not be sent.
   */
  attach(named: string): Promise<void>
  /** Sends a message with the pictures that wait, and shows the answer to its end. */
  say(text: string): Promise<ChatMessage | undefined>
  /** Answers the last message again. */
  regenerate(): Promise<ChatMessage | undefined>
  /** Tries the failed answer again; undefined when none failed. */
  retry(): Promise<ChatMessage | undefined>
  /** Goes on with an answer that a crash cut off, and shows it or not; undefined when there is none. */
  resume(how: 'shown' | 'silently'): Promise<ChatMessage | undefined>
  /** Begins a new conversation; the one before stays where it is kept. */
  startAnew(): void
}

/** What a session is made of. */
export interface SessionParts {
  readonly open: OpenChat
  readonly choice: Choice
  readonly printer: AnswerPrinter
  readonly interruption: Interruption
  /** Says what goes wrong beside the answers. */
  readonly report: (sentence: string) => void
}

/** Creates a session over an open conversation. */
export function createSession(parts: SessionParts): Session {
  const { open, choice, printer, interruption, report } = parts
  const { chat, llm, history } = open
  let chosen = choice
  let images: readonly string[] = []
  let isShown = false
  chat.setOptions({
    ...toChatOptions(choice, history !== undefined),
    onEvent(event) {
      if (isShown) printer.hear(event)
    },
    onError(error, message) {
      // What went wrong with an answer is said below it.
      if (!message) report(toFailureSentence(error))
    },
  })

  /** Shows an answer to its end. */
  const show = async (
    answer: () => Promise<ChatMessage | undefined>,
  ): Promise<ChatMessage | undefined> => {
    let message: ChatMessage | undefined
    isShown = true
    try {
      message = await interruption.during(() => void chat.stop(), answer)
    } finally {
      isShown = false
      printer.end(message)
    }
    return message
  }
  const ask = (answer: () => Promise<ChatMessage | undefined>) => {
    printer.begin(chosen.model)
    return show(answer)
  }
  /** The options of a turn: one with pictures goes where they can be seen. */
  const optionsFor = (sees: boolean): SendOptions =>
    sees ? { endpoint: endpointForImages(chosen.endpoint) } : {}
  const lastTurnHasImages = (): boolean => {
    const { messages } = chat.getState()
    return hasImages(messages, messages.findLast(({ role }) => role === 'user')?.id)
  }

  const upload = async (file: File): Promise<string> => {
    const control = new AbortController()
    const { signal } = control
    try {
      return await interruption.during(
        () => control.abort(),
        () => llm.upload(file, { signal }),
      )
    } catch (error) {
      if (!(error instanceof FalLlmError)) throw error
      throw new Misuse(
        error.code === 'aborted' ? 'The picture was not sent.' : toFailureSentence(error),
      )
    }
  }

  return {
    chat,
    get choice() {
      return chosen
    },
    get images() {
      return images
    },
    choose(next) {
      chosen = next
      chat.setOptions(toChatOptions(next, history !== undefined))
    },
    async attach(named) {
      const found = await findImage(named)
      const url = 'url' in found ? found.url : await upload(found.file)
      images = [...images, url]
    },
    say: (text) =>
      ask(async () => {
        const sent = images
        images = []
        await history?.remember(chat.id).catch(() => {})
        return chat.send({ text, images: sent }, optionsFor(sent.length > 0))
      }),
    regenerate: () =>
      ask(() =>
        // An answer is written again as is chosen now, not as it was asked.
        chat.regenerate({
          ...toChatOptions(chosen, history !== undefined),
          ...optionsFor(lastTurnHasImages()),
        }),
      ),
    retry: () =>
      ask(() =>
        // A retry asks as the conversation is set now, which may not see.
        lastTurnHasImages() && chat.getState().status === 'error'
          ? chat.regenerate(optionsFor(true))
          : chat.retry(),
      ),
    resume: (how) => (how === 'shown' ? show(() => chat.resume()) : chat.resume()),
    startAnew() {
      images = []
      chat.setOptions({ id: randomUUID() })
    },
  }
}
