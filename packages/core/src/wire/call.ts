import type { Endpoint } from '../endpoints/endpoint.ts'
import type { Emit } from '../events.ts'
import type { Deadline } from '../deadline.ts'
import type { FalClientLoader } from './files/fal-client.ts'
import type { Http } from './http/http.ts'
import type { QueueOptions } from './queue-options.ts'

/** A validated call, ready to be sent. */
export interface TransportCall {
  readonly endpoint: Endpoint
  /** The wire input, snake_case. */
  readonly input: Readonly<Record<string, unknown>>
  readonly model: string | undefined
  readonly queue: QueueOptions
  readonly http: Http
  readonly loadClient: FalClientLoader
  readonly deadline: Deadline
  readonly emit: Emit
}

/** Sends one call and says what happens in events, up to `finish`. Rejects with a FalLlmError otherwise. */
export type Transport = (call: TransportCall) => Promise<void>
