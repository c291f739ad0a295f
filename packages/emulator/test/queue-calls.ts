import type { Emulator } from '../src/emulator.ts'
import { get, post } from './requests.ts'

/** A status as it came over the wire. */
export interface WireStatus {
  readonly status: string
  readonly request_id: string
  readonly response_url: string
  readonly status_url: string
  readonly cancel_url: string
  readonly queue_position?: number
  readonly logs?: readonly { readonly message: string }[] | null
  readonly metrics?: { readonly inference_time?: number }
  readonly error?: string
  readonly error_type?: string
  readonly gateway_request_id?: string
}

/** An answer of the queue, read. */
export interface QueueAnswer<Body> {
  readonly code: number
  readonly body: Body
  readonly headers: Headers
}

/** Calls an emulator's queue the way clients do, for one app. */
export interface QueueCalls {
  submit(
    input: unknown,
    more?: { path?: string; query?: string; headers?: Record<string, string> },
  ): Promise<QueueAnswer<WireStatus>>
  status(id: string, query?: string): Promise<QueueAnswer<WireStatus>>
  statusStream(id: string, query?: string): Promise<Response>
  result(id: string): Promise<QueueAnswer<Record<string, unknown>>>
  cancel(id: string): Promise<QueueAnswer<{ status: string }>>
}

/** Creates calls to an app, by default "fal-ai/any-llm". */
export function createQueueCalls(emulator: Emulator, app = 'fal-ai/any-llm'): QueueCalls {
  const base = `/queue.fal.run/${app}/requests`
  return {
    submit: async (input, { path = app, query = '', headers = {} } = {}) =>
      read(await emulator.fetch(post(`/queue.fal.run/${path}${query}`, input, headers))),
    status: async (id, query = '') =>
      read(await emulator.fetch(get(`${base}/${id}/status${query}`))),
    statusStream: (id, query = '') => emulator.fetch(get(`${base}/${id}/status/stream${query}`)),
    result: async (id) => read(await emulator.fetch(get(`${base}/${id}`))),
    cancel: async (id) =>
      read(await emulator.fetch(new Request(get(`${base}/${id}/cancel`), { method: 'PUT' }))),
  }
}

async function read<Body>(response: Response): Promise<QueueAnswer<Body>> {
  const { status: code, headers } = response
  // Each test states the type of the body that it expects.
  return { code, headers, body: (await response.json()) as Body }
}
