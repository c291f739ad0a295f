import { randomUUID } from 'node:crypto'
import { FalLlmError } from '@fal-llm/core'
import type { Chat, ChatMessage, SendOptions } from '@fal-llm/core'
import type { AnswerPrinter } from './answer-printer.ts'
import { endpointForImages, hasImages, toChatOptions } from './choice.ts'
import type { Choice } from './choice.ts'
import { toFailureSentence } from './describe-answer.ts'
import { findImage } from './find-image.ts'
import type { Interruption } from './interruption.ts'
import type { OpenChat } from './open-chat.ts'
import { UsageError } from './usage-error.ts'

/** A chat whose answers are printed, and what is chosen for its next turn. */
export interface Conversation {
  readonly chat: Chat
  readonly choice: Choice
  /** URLs of the images that go with the next message. */
  readonly images: readonly string[]
  choose(choice: Choice): void
  /**
   * Adds an image to the next message; a file is uploaded first.
   *
   * @throws UsageError when there is no such image, or its upload failed.
   */
  attach(named: string): Promise<void>
  /** Sends a message with the attached images, and prints the answer to its end. */
  send(text: string): Promise<ChatMessage | undefined>
  /** Answers the last message again. */
  regenerate(): Promise<ChatMessage | undefined>
  /** Tries a failed answer again; undefined when none failed. */
  retry(): Promise<ChatMessage | undefined>
  /** Continues an answer that a crash cut off; undefined when there is none. */
  resume(how: 'printed' | 'silently'): Promise<ChatMessage | undefined>
  /** Begins a new conversation. The one before stays on disk. */
  clear(): void
}

/** What a conversation is made of. */
export interface ConversationParts {
  readonly open: Pick<OpenChat, 'chat' | 'llm' | 'isKept'>
  readonly choice: Choice
  readonly printer: AnswerPrinter
  readonly interruption: Interruption
  /** Takes failures that belong to no answer. */
  readonly report: (sentence: string) => void
}

/** Creates a conversation over an open chat. */
export function createConversation(parts: ConversationParts): Conversation {
  const { printer, interruption, report } = parts
  const { chat, llm, isKept } = parts.open
  let { choice } = parts
  let images: readonly string[] = []
  let isPrinted = false
  chat.setOptions({
    ...toChatOptions(choice, isKept),
    onEvent(event) {
      if (isPrinted) printer.handle(event)
    },
    onError(error, message) {
      // A failure of an answer is printed below it.
      if (!message) report(toFailureSentence(error))
    },
  })

  type Work = () => Promise<ChatMessage | undefined>
  const print = async (work: Work): Promise<ChatMessage | undefined> => {
    let message: ChatMessage | undefined
    isPrinted = true
    try {
      message = await interruption.during(() => void chat.stop(), work)
    } finally {
      isPrinted = false
      printer.end(message)
    }
    return message
  }
  const request = (work: Work): Promise<ChatMessage | undefined> => {
    printer.begin(choice.model)
    return print(work)
  }
  const optionsFor = (withImages: boolean): SendOptions =>
    withImages ? { endpoint: endpointForImages(choice.endpoint) } : {}
  const lastTurnHasImages = (): boolean => {
    const { messages } = chat.getState()
    return hasImages(messages, messages.findLast(({ role }) => role === 'user')?.id)
  }
  const upload = async (file: File): Promise<string> => {
    const control = new AbortController()
    const abort = (): void => control.abort()
    try {
      return await interruption.during(abort, () => llm.upload(file, { signal: control.signal }))
    } catch (error) {
      if (!(error instanceof FalLlmError)) throw error
      const isAborted = error.code === 'aborted'
      throw new UsageError(isAborted ? 'The image was not sent.' : toFailureSentence(error))
    }
  }

  return {
    chat,
    get choice() {
      return choice
    },
    get images() {
      return images
    },
    choose(next) {
      choice = next
      chat.setOptions(toChatOptions(next, isKept))
    },
    async attach(named) {
      const found = await findImage(named)
      const url = typeof found === 'string' ? found : await upload(found)
      images = [...images, url]
    },
    send(text) {
      const attached = images
      images = []
      return request(() => chat.send({ text, images: attached }, optionsFor(attached.length > 0)))
    },
    regenerate: () =>
      request(() =>
        // The chat would ask as it asked before; here the choice of this moment counts.
        chat.regenerate({ ...toChatOptions(choice, isKept), ...optionsFor(lastTurnHasImages()) }),
      ),
    retry: () =>
      request(() =>
        // `chat.retry` uses the chat's endpoint, which may not take images.
        lastTurnHasImages() && chat.getState().status === 'error'
          ? chat.regenerate(optionsFor(true))
          : chat.retry(),
      ),
    resume: (how) => (how === 'printed' ? print(() => chat.resume()) : chat.resume()),
    clear() {
      images = []
      chat.setOptions({ id: randomUUID() })
    },
  }
}
