import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai'
import { history } from './history.ts'
import { readTokens } from './source.ts'

const transport: ChatTransport<UIMessage> = {
  sendMessages: async () =>
    new ReadableStream<UIMessageChunk>({
      async start(controller) {
        controller.enqueue({ type: 'start' })
        controller.enqueue({ type: 'text-start', id: 't' })
        for await (const tokens of readTokens()) {
          for (const delta of tokens) controller.enqueue({ type: 'text-delta', id: 't', delta })
        }
        controller.enqueue({ type: 'text-end', id: 't' })
        controller.enqueue({ type: 'finish' })
        controller.close()
      },
    }),
  reconnectToStream: async () => null,
}

const messages = history.map(({ id, role, text }): UIMessage => ({
  id,
  role,
  parts: [{ type: 'text', text }],
}))

/** What ai's chat is made with, in every framework. */
export const aiOptions: { transport: ChatTransport<UIMessage>; messages: UIMessage[] } = {
  transport,
  messages,
}

/** The words of one of ai's messages. */
export function textOfParts({ parts }: UIMessage): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
