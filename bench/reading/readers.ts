// The same answer read by ours, by the peers and by the least that could do it. Each returns the text it ended with.

import { createFalClient } from '@fal-ai/client'
import type { FalClient } from '@fal-ai/client'
import { createParser } from 'eventsource-parser'
import OpenAI from 'openai'
import { createFalLlm } from '@fal-llm/core'

/** Where the answer comes from. */
export interface Source {
  readonly baseUrl: string
  /** What is asked for; the server writes it. */
  readonly prompt: string
  /** Answers instead of a server. */
  readonly fetch?: typeof fetch
  /** Is told how many characters there are so far. */
  readonly onText?: (length: number) => void
}

/** Reads an answer to its end. */
export type Reader = (source: Source) => Promise<string>

export type ReaderName =
  | 'ours'
  | 'fal-js for await'
  | "fal-js on('data')"
  | 'openai'
  | 'parser'
  | 'floor'

type Readers = Readonly<Partial<Record<ReaderName, Reader>>>

const endpoint = 'openrouter/router'
const openAiEndpoint = 'openrouter/router/openai/v1/chat/completions'
const model = 'bench/model'

/** Every reader, by what it can read. */
export const readers: { readonly snapshots: Readers; readonly deltas: Readers } = {
  snapshots: {
    ours: (source) => readOurs(source, endpoint),
    async 'fal-js for await'(source) {
      const stream = await falStream(source)
      let text = ''
      for await (const event of stream) {
        text = outputOf(event)
        source.onText?.(text.length)
      }
      await stream.done()
      return text
    },
    async "fal-js on('data')"(source) {
      const stream = await falStream(source)
      let text = ''
      stream.on('data', (event: unknown) => {
        text = outputOf(event)
        source.onText?.(text.length)
      })
      await stream.done()
      return text
    },
    parser: (source) => parse(source, (_, data) => outputOf(JSON.parse(data))),
    floor: drain,
  },
  deltas: {
    ours: (source) => readOurs(source, openAiEndpoint),
    openai: readOpenAi,
    parser: (source) =>
      parse(source, (text, data) =>
        data === '[DONE]' ? text : text + contentOf(JSON.parse(data)),
      ),
    floor: drain,
  },
}

async function readOurs(
  { baseUrl, prompt, fetch: send, onText }: Source,
  id: typeof endpoint | typeof openAiEndpoint,
): Promise<string> {
  const llm = createFalLlm({ baseUrl, credentials: 'bench:key', ...(send && { fetch: send }) })
  let text = ''
  for await (const event of llm.generate({ endpoint: id, model, prompt })) {
    if (event.type !== 'text-delta') continue
    text += event.delta
    onText?.(text.length)
  }
  return text
}

async function readOpenAi({ baseUrl, prompt, fetch: send }: Source): Promise<string> {
  const client = new OpenAI({
    apiKey: 'bench',
    baseURL: `${baseUrl}/fal.run/openrouter/router/openai/v1`,
    ...(send && { fetch: send }),
  })
  const messages = [{ role: 'user' as const, content: prompt }]
  let text = ''
  for await (const chunk of await client.chat.completions.create({ model, messages, stream: true }))
    text += contentOf(chunk)
  return text
}

function falStream({ baseUrl, prompt, fetch: send }: Source): ReturnType<FalClient['stream']> {
  const client = createFalClient({
    credentials: 'bench:key',
    requestMiddleware: async (request) => ({
      ...request,
      url: request.url.replace('https://', `${baseUrl}/`),
    }),
    ...(send && { fetch: send }),
  })
  return client.stream(endpoint, { input: { prompt, model } })
}

/** What one writes by hand: `fetch`, eventsource-parser, `JSON.parse`. */
async function parse(
  source: Source,
  next: (text: string, data: string) => string,
): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  const parser = createParser({
    onEvent({ data }) {
      text = next(text, data)
      source.onText?.(text.length)
    },
  })
  await eachRead(source, (bytes) => parser.feed(decoder.decode(bytes, { stream: true })))
  return text
}

/** Only takes the bytes: nothing can be faster. Returns how many there were. */
async function drain(source: Source): Promise<string> {
  let length = 0
  await eachRead(source, (bytes) => (length += bytes.length))
  return String(length)
}

async function eachRead(source: Source, onBytes: (bytes: Uint8Array) => void): Promise<void> {
  const response = await (source.fetch ?? fetch)(`${source.baseUrl}/fal.run/${endpoint}/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Key bench:key' },
    body: JSON.stringify({ prompt: source.prompt, model }),
  })
  const reader = response.body?.getReader()
  for (;;) {
    const read = await reader?.read()
    if (!read || read.done) return
    onBytes(read.value)
  }
}

// The bytes are ours: every event has that shape.
function contentOf(chunk: unknown): string {
  return (chunk as OpenAI.ChatCompletionChunk).choices[0]?.delta.content ?? ''
}

function outputOf(event: unknown): string {
  return (event as { output: string }).output
}
