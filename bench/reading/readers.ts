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
  /** Hears how many characters there are so far. */
  readonly onText?: (length: number) => void
}

/** Reads an answer to its end. */
export type Reader = (source: Source) => Promise<string>

/** Who reads. */
export type ReaderName =
  | 'ours'
  | 'fal-js for await'
  | "fal-js on('data')"
  | 'openai'
  | 'parser'
  | 'floor'

/** Who can read what. */
export interface Readers {
  readonly snapshots: Readonly<Partial<Record<ReaderName, Reader>>>
  readonly deltas: Readonly<Partial<Record<ReaderName, Reader>>>
}

const endpoint = 'openrouter/router'
const openAiEndpoint = 'openrouter/router/openai/v1/chat/completions'
const model = 'bench/model'

/** All of them. */
export const readers: Readers = {
  snapshots: {
    ours: (source) => readOurs(source, endpoint),
    'fal-js for await': iterateFal,
    "fal-js on('data')": listenToFal,
    parser: parseSnapshots,
    floor: drain,
  },
  deltas: {
    ours: (source) => readOurs(source, openAiEndpoint),
    openai: readOpenAi,
    parser: parseDeltas,
    floor: drain,
  },
}

async function readOurs(
  source: Source,
  id: typeof endpoint | typeof openAiEndpoint,
): Promise<string> {
  const llm = createFalLlm({
    baseUrl: source.baseUrl,
    credentials: 'bench:key',
    ...(source.fetch && { fetch: source.fetch }),
  })
  let text = ''
  for await (const event of llm.generate({ endpoint: id, model, prompt: source.prompt })) {
    if (event.type !== 'text-delta') continue
    text += event.delta
    source.onText?.(text.length)
  }
  return text
}

async function iterateFal(source: Source): Promise<string> {
  const stream = await falStream(source)
  let text = ''
  for await (const event of stream) {
    text = outputOf(event)
    source.onText?.(text.length)
  }
  await stream.done()
  return text
}

async function listenToFal(source: Source): Promise<string> {
  const stream = await falStream(source)
  let text = ''
  stream.on('data', (event: unknown) => {
    text = outputOf(event)
    source.onText?.(text.length)
  })
  await stream.done()
  return text
}

async function readOpenAi(source: Source): Promise<string> {
  const client = new OpenAI({
    apiKey: 'bench',
    baseURL: `${source.baseUrl}/fal.run/openrouter/router/openai/v1`,
    ...(source.fetch && { fetch: source.fetch }),
  })
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: source.prompt }],
    stream: true,
  })
  let text = ''
  for await (const chunk of stream) text += contentOf(chunk)
  return text
}

async function parseSnapshots(source: Source): Promise<string> {
  let text = ''
  await parse(source, (data) => {
    text = outputOf(JSON.parse(data))
    source.onText?.(text.length)
  })
  return text
}

async function parseDeltas(source: Source): Promise<string> {
  let text = ''
  await parse(source, (data) => {
    if (data === '[DONE]') return
    text += contentOf(JSON.parse(data))
    source.onText?.(text.length)
  })
  return text
}

function falStream(source: Source): ReturnType<FalClient['stream']> {
  const client = createFalClient({
    credentials: 'bench:key',
    requestMiddleware: async (request) => ({
      ...request,
      url: request.url.replace('https://', `${source.baseUrl}/`),
    }),
    ...(source.fetch && { fetch: source.fetch }),
  })
  return client.stream(endpoint, { input: { prompt: source.prompt, model } })
}

/** What one writes by hand: `fetch`, eventsource-parser, `JSON.parse`. */
async function parse(source: Source, onData: (data: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  const parser = createParser({ onEvent: ({ data }) => onData(data) })
  await eachRead(source, (bytes) => parser.feed(decoder.decode(bytes, { stream: true })))
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

// The bytes are ours: every event is of that shape.
function contentOf(chunk: unknown): string {
  return (chunk as OpenAI.ChatCompletionChunk).choices[0]?.delta.content ?? ''
}

function outputOf(event: unknown): string {
  return (event as { output: string }).output
}
