import type { StreamChunk } from '@tanstack/ai'
import { stream } from '@tanstack/ai-client'
import type { ChatClient } from '@tanstack/ai-client'
import type { ReadTokens, Turn } from './conversation.ts'

type Message = ReturnType<ChatClient['getMessages']>[number]

const ids = { runId: 'r', threadId: 'bench', messageId: 'answer' }

/** The options of TanStack's chat: answers of these tokens after these turns. */
export function createTanStackOptions(readTokens: ReadTokens, turns: readonly Turn[]) {
  const initialMessages = turns.map(({ id, role, text }): Message => {
    return { id, role, parts: [{ type: 'text', content: text }] }
  })
  return { connection: stream(() => chunksOf(readTokens)), threadId: ids.threadId, initialMessages }
}

async function* chunksOf(readTokens: ReadTokens): AsyncGenerator<StreamChunk> {
  yield chunkOf('RUN_STARTED')
  yield chunkOf('TEXT_MESSAGE_START', { role: 'assistant' })
  for await (const tokens of readTokens()) {
    for (const delta of tokens) yield chunkOf('TEXT_MESSAGE_CONTENT', { delta })
  }
  yield chunkOf('TEXT_MESSAGE_END')
  yield chunkOf('RUN_FINISHED', { finishReason: 'stop' })
}

// The wire's shape; its type wants an enum of another package.
function chunkOf(type: string, more: object = {}): StreamChunk {
  return { type, ...ids, ...more } as StreamChunk
}

/** The text of one of TanStack's messages, which is in its last part. */
export function textOfTanStack(message: Pick<Message, 'parts'> | undefined): string {
  const part = message?.parts.at(-1)
  return part?.type === 'text' ? part.content : ''
}
