import type { FalClient } from '@fal-ai/client'
import type {
  Endpoint,
  EndpointId,
  ModelChoiceOf,
  ModelMessage,
  ModeOf,
  ParamsOf,
} from '../endpoints/index.ts'
import type { FileData } from '../wire/files/file-data.ts'
import type { QueueOptions } from '../wire/queue-options.ts'
import type { Upload } from '../wire/files/upload.ts'
import type { Timeouts } from '../deadline.ts'
import type { GenerationRun } from './run.ts'
import type { Clock } from '../clock.ts'
import type { HttpOptions } from '../wire/http/http.ts'
import type { DefaultEndpointId } from '../endpoints/default-endpoint.ts'

/** What to ask of which endpoint, its model aside. */
export interface RequestOptions<E extends EndpointId = EndpointId> extends QueueOptions {
  /** Default 'openrouter/router'. */
  readonly endpoint?: E | Endpoint | undefined
  readonly prompt?: string | undefined
  readonly messages?: readonly ModelMessage[] | undefined
  readonly system?: string | undefined
  /** URLs, data URIs, or files (Blob, ArrayBuffer, Uint8Array), which are uploaded first and once. */
  readonly images?: readonly (string | FileData)[] | undefined
  /** A file in here is uploaded first, too, and its URL put in its place. */
  readonly params?: ParamsOf<E> | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeouts?: Timeouts | undefined
}

/** What to submit. `model` is required where fal requires it. */
export type SubmitRequest<E extends EndpointId = EndpointId> = RequestOptions<E> & ModelChoiceOf<E>

/**
 * What to ask of which endpoint. Give `prompt` or `messages`, not both; `model` is required where fal requires it. The
 * QueueOptions count in mode 'queue' only.
 */
export type GenerateRequest<E extends EndpointId = EndpointId> = SubmitRequest<E> & {
  /** Default: 'stream' where the endpoint supports it, else 'queue'. */
  readonly mode?: ModeOf<E> | undefined
}

/** A job by name: what it takes to find it again, from any process. */
export interface JobReference {
  readonly endpoint: EndpointId | Endpoint
  readonly requestId: string
}

/** A job that fal has taken. */
export interface SubmittedJob {
  readonly requestId: string
  readonly endpoint: string
  /** Reasoning was turned on although nobody asked for it: the model does not answer without. */
  readonly reasoningForced?: true
}

/** How a job is followed that was submitted before. `patienceMs: Infinity` keeps asking as long as fal may have it. */
export interface AttachOptions extends Pick<QueueOptions, 'logs' | 'follow' | 'patienceMs'> {
  readonly signal?: AbortSignal | undefined
  readonly timeouts?: Timeouts | undefined
}

/** A client of fal's language models. It holds no conversation. */
export interface FalLlm {
  /**
   * Asks for one answer and starts at once. Never throws: what goes wrong rejects the run.
   *
   * @source fal-protocol §2–4 and §9, seeds 000–004
   */
  generate<E extends EndpointId = DefaultEndpointId>(request: GenerateRequest<E>): GenerationRun
  /**
   * Submits to the queue and returns at once. At most one job is accepted per call.
   *
   * @throws FalLlmError with `maybeSubmitted` where it is not known whether fal took the job.
   */
  submit<E extends EndpointId = DefaultEndpointId>(request: SubmitRequest<E>): Promise<SubmittedJob>
  /** Re-joins a queued job by id, from any process. Never throws: what goes wrong rejects the run. */
  attach(job: JobReference, options?: AttachOptions): GenerationRun
  /**
   * Asks fal to cancel a queued job. 'cancelled': the wish was accepted; a running job may still complete.
   *
   * @throws FalLlmError when fal could not be asked.
   */
  cancel(job: JobReference): Promise<'cancelled' | 'already-completed' | 'not-found'>
  /** Sends a file to fal's storage and resolves with its URL. The same Blob is sent once. */
  upload: Upload
  /** The configured @fal-ai/client, for every other fal model. Loads it on first use. */
  fal(): Promise<FalClient>
}

/** How a client reaches fal. Nothing is read or sent before the first call. */
export interface FalLlmOptions extends HttpOptions {
  /** Defaults for every call. */
  readonly timeouts?: Timeouts
  /** Where time comes from; for tests. Default: the machine's clock. */
  readonly clock?: Clock
}
