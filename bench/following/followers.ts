// One queued job from submit to answer: ours, fal-js, and the least that could do it.

import { createFalClient } from '@fal-ai/client'
import { createParser } from 'eventsource-parser'
import { createFalLlm } from '@fal-llm/core'

const endpoint = 'openrouter/router'
const model = 'bench/model'

export type FollowerName =
  | 'ours'
  | 'ours polling'
  | 'fal-js polling'
  | 'fal-js stream'
  | 'raw stream'

/** Gets a job done and returns its answer. */
export type Follower = (prompt: string) => Promise<string>

/** Every follower, with one address. */
export function createFollowers(
  baseUrl: string,
  send: typeof fetch,
): Record<FollowerName, Follower> {
  const llm = createFalLlm({ baseUrl, credentials: 'bench:key', fetch: send })
  const follow = async (prompt: string, how: 'auto' | 'poll'): Promise<string> => {
    const { text } = await llm.generate({ mode: 'queue', follow: how, model, prompt })
    return text
  }
  const fal = createFalClient({
    credentials: 'bench:key',
    fetch: send,
    requestMiddleware: async (request) => ({
      ...request,
      url: request.url.replace('https://', `${baseUrl}/`),
    }),
  })
  const subscribe = async (prompt: string, mode: 'polling' | 'streaming'): Promise<string> => {
    const { data } = await fal.subscribe(endpoint, { input: { prompt, model }, mode })
    // The emulator answers in fal's shape.
    return (data as { output: string }).output
  }
  return {
    ours: (prompt) => follow(prompt, 'auto'),
    'ours polling': (prompt) => follow(prompt, 'poll'),
    'fal-js polling': (prompt) => subscribe(prompt, 'polling'),
    'fal-js stream': (prompt) => subscribe(prompt, 'streaming'),
    'raw stream': (prompt) => followRaw(baseUrl, send, prompt),
  }
}

async function followRaw(baseUrl: string, send: typeof fetch, prompt: string): Promise<string> {
  const headers = { authorization: 'Key bench:key', 'content-type': 'application/json' }
  const submitted = await send(`${baseUrl}/queue.fal.run/${endpoint}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ prompt, model }),
  })
  const { request_id: id } = (await submitted.json()) as { readonly request_id: string }
  const job = `${baseUrl}/queue.fal.run/${endpoint}/requests/${id}`
  const status = await send(`${job}/status/stream`, { headers })
  const decoder = new TextDecoder()
  let completed = false
  const parser = createParser({
    onEvent({ data }) {
      completed ||= (JSON.parse(data) as { status: string }).status === 'COMPLETED'
    },
  })
  const reader = status.body?.getReader()
  while (!completed) {
    const read = await reader?.read()
    if (!read || read.done) throw new Error('The status stream ended too early')
    parser.feed(decoder.decode(read.value, { stream: true }))
  }
  void reader?.cancel()
  const result = await send(job, { headers })
  return ((await result.json()) as { readonly output: string }).output
}
