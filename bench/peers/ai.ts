import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai'
import type { ReadTokens, Turn } from './conversation.ts'

/** The options of ai's chat in every framework: answers of these tokens after these turns. */
export function createAiOptions(
  readTokens: ReadTokens,
  turns: readonly Turn[],
): { transport: ChatTransport<UIMessage>; messages: UIMessage[] } {
  return {
    transport: {
      async sendMessages() {
        const chunks = chunksOf(readTokens)
        return new ReadableStream<UIMessageChunk>({
          async pull(controller) {
            const { done, value } = await chunks.next()
            if (done) controller.close()
            else for (const chunk of value) controller.enqueue(chunk)
          },
        })
      },
      reconnectToStream: async () => null,
    },
    messages: turns.map(({ id, role, text }) => ({ id, role, parts: [{ type: 'text', text }] })),
  }
}

async function* chunksOf(readTokens: ReadTokens): AsyncGenerator<UIMessageChunk[]> {
  yield [{ type: 'start' }, { type: 'text-start', id: 't' }]
  for await (const tokens of readTokens()) {
    yield tokens.map((delta) => ({ type: 'text-delta', id: 't', delta }))
  }
  yield [{ type: 'text-end', id: 't' }, { type: 'finish' }]
}

/** The text of one of ai's messages, which is in its last part. */
export function textOfAi({ parts }: UIMessage): string {
  const part = parts.at(-1)
  return part?.type === 'text' ? part.text : ''
}
