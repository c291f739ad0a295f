// A real model instead of the built-in one, from any server with OpenAI's chat completions, such as one that runs on this
// machine.

import { createParser } from 'eventsource-parser'
import type { AnswerPiece, EndReason, Model } from './model.ts'
import type { Question } from './question.ts'
import { countTokens } from './tokens.ts'
import { toUsage } from './usage.ts'

/** Where the model runs. */
export interface UpstreamOptions {
  /** Up to "/v1": "http://127.0.0.1:11434/v1". */
  readonly url: string
  /** Sent as a Bearer token. Default: none. */
  readonly key?: string
  /** The model to ask for. Default: the one of the question. */
  readonly model?: string
  readonly fetch?: typeof fetch
}

/** Creates a model that asks another server and passes on what it streams; its failures become in-band errors. */
export function createUpstreamModel(options: UpstreamOptions): Model {
  const { url, key, model } = options
  return async function* ask(question, signal): AsyncGenerator<AnswerPiece> {
    const send = options.fetch ?? fetch
    const response = await send(`${url.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(toChatRequest(question, model)),
      signal,
    }).catch(passAbort(signal))
    if (typeof response === 'string') return yield { type: 'error', message: response }
    if (!response.ok || !response.body) {
      return yield { type: 'error', message: `The upstream answered ${response.status}` }
    }
    yield* readPieces(question, response.body)
  }
}

/** Turns a failure into a message, unless the emulator aborted the request itself. */
function passAbort(signal: AbortSignal): (error: unknown) => string {
  return (error) => {
    signal.throwIfAborted()
    return `The upstream could not be reached: ${error instanceof Error ? error.message : error}`
  }
}

function toChatRequest(question: Question, model: string | undefined): object {
  const { input, endpoint, system, turns, maxTokens } = question
  const common = {
    model: model ?? question.model,
    stream: true,
    stream_options: { include_usage: true },
  }
  // A chat is passed on as it came, with the parameters that only OpenRouter has.
  if (endpoint.kind === 'messages') return { ...input, ...common }
  return {
    ...common,
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...turns.map(({ role, text }) => ({ role, content: text })),
    ],
    ...(typeof input['temperature'] === 'number' && { temperature: input['temperature'] }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  }
}

interface UpstreamChunk {
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null
      readonly reasoning?: string | null
      readonly reasoning_content?: string | null
      readonly tool_calls?: readonly {
        readonly index?: number
        readonly id?: string
        readonly function?: { readonly name?: string; readonly arguments?: string }
      }[]
    }
    readonly finish_reason?: string | null
  }[]
  readonly error?: { readonly message?: string }
}

/** Yields no `end` for an answer that the upstream did not finish. */
async function* readPieces(
  question: Question,
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<AnswerPiece> {
  let completionTokens = 0
  let reason: EndReason | undefined
  for await (const chunk of readChunks(body)) {
    if (chunk.error) {
      return yield { type: 'error', message: chunk.error.message ?? 'The upstream failed' }
    }
    const [choice] = chunk.choices ?? []
    for (const piece of toPieces(choice?.delta)) {
      completionTokens += piece.type === 'tool-call' ? 1 : countTokens(piece.text)
      yield piece
    }
    if (choice?.finish_reason) reason = toEndReason(choice.finish_reason)
  }
  if (reason) yield { type: 'end', reason, usage: toUsage(question, completionTokens) }
}

type ContentPiece = Extract<AnswerPiece, { type: 'text' | 'reasoning' | 'tool-call' }>

function toPieces(
  delta: NonNullable<UpstreamChunk['choices']>[number]['delta'] = {},
): readonly ContentPiece[] {
  const reasoning = delta.reasoning ?? delta.reasoning_content
  const calls = (delta.tool_calls ?? []).map(
    ({ index = 0, id, function: { name, arguments: text = '' } = {} }) => ({
      type: 'tool-call' as const,
      index,
      arguments: text,
      ...(id !== undefined && { id }),
      ...(name !== undefined && { name }),
    }),
  )
  return [
    ...(reasoning ? [{ type: 'reasoning' as const, text: reasoning }] : []),
    ...(delta.content ? [{ type: 'text' as const, text: delta.content }] : []),
    ...calls,
  ]
}

function toEndReason(reason: string): EndReason {
  return reason === 'length' || reason === 'tool_calls' || reason === 'content_filter'
    ? reason
    : 'stop'
}

async function* readChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<UpstreamChunk> {
  const ready: UpstreamChunk[] = []
  const parser = createParser({
    onEvent({ data }) {
      // The upstream sends chat completion chunks; anything that is no JSON throws and ends the answer.
      if (data !== '[DONE]') ready.push(JSON.parse(data) as UpstreamChunk)
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      parser.feed(decoder.decode(value, { stream: !done }))
      yield* ready.splice(0)
      if (done) return
    }
  } finally {
    void reader.cancel().catch(() => {})
  }
}
