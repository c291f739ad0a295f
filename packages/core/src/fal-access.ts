// All that lies between a request and fal: the checks, the wire, the queue, the files. It is loaded with the first
// request, so a page shows its chat before it carries any of this.

import { resolveEndpoint, validateInput } from './endpoints/index.ts'
import type { Endpoint } from './endpoints/index.ts'
import { findUnknownFields } from './endpoints/find-unknown-fields.ts'
import { requireReasoning } from './endpoints/require-reasoning.ts'
import { toWireInput } from './endpoints/to-wire-input.ts'
import { FalLlmError } from './errors.ts'
import type { Emit, RunMode } from './events.ts'
import type { FalLlm, GenerateRequest, JobReference } from './generate/fal-llm.ts'
import { estimateTokens } from './generate/estimate-usage.ts'
import { checkQueueOptions } from './wire/check-queue-options.ts'
import { createFalClientLoader } from './wire/fal-client.ts'
import { createHttp } from './wire/http.ts'
import type { FalLlmOptions } from './create-fal-llm.ts'
import { assertRequestId } from './wire/job.ts'
import { defaultMode, pickTransport } from './wire/transport.ts'
import type { TransportCall } from './wire/transport.ts'
import { createUpload } from './wire/upload.ts'
import type { Watch } from './wire/watch.ts'
import type { Clock } from './wire/clock.ts'

/** What a client does, each call under a watch of its own. */
export interface FalAccess {
  /** Resolves after `finish` was emitted; rejects with a FalLlmError. */
  generate(request: GenerateRequest, watch: Watch, emit: Emit): Promise<void>
  submit(request: GenerateRequest, watch: Watch): ReturnType<FalLlm['submit']>
  attach(job: JobReference, logs: boolean | undefined, watch: Watch, emit: Emit): Promise<void>
  /** Tokens of a request at about four characters each, for when fal reports none. */
  promptTokens(request: GenerateRequest): number
  readonly cancel: FalLlm['cancel']
  readonly upload: FalLlm['upload']
  readonly fal: FalLlm['fal']
}

/** What is decided about a call before it is sent. */
interface PreparedCall {
  readonly mode: RunMode
  readonly reasoningForced: boolean
}

/** Opens a way to fal. Nothing is sent before the first call. Never throws. */
export function createFalAccess(options: FalLlmOptions, clock: Clock): FalAccess {
  const http = createHttp(options)
  const loadClient = createFalClientLoader({
    http,
    clock,
    timeouts: options.timeouts,
    httpOptions: options,
  })
  const upload = createUpload(loadClient)
  // Loaded with the first call that needs it: a chat that only streams never carries it.
  const loadQueue = () => import('./wire/fal-queue.ts')

  /** Everything that can be wrong with a request is found here, before anything is sent. */
  const prepare = async (
    request: GenerateRequest,
    mode: RunMode | undefined,
    watch: Watch,
  ): Promise<Omit<TransportCall, 'emit'> & PreparedCall> => {
    const endpoint = resolveEndpoint(request.endpoint ?? 'openrouter/router')
    const picked = mode ?? request.mode ?? defaultMode(endpoint)
    pickTransport(endpoint, picked)
    checkQueueOptions(request)
    const checked = await checkedInput(endpoint, request, picked, async (image) =>
      typeof image === 'string' ? image : watch.race(upload(image, { signal: watch.signal })),
    )
    const answerable = requireReasoning(endpoint, checked)
    const model = request.model ?? endpoint.defaultModel
    const call = { endpoint, model, queue: request, http, loadClient, watch, mode: picked }
    return { ...call, ...answerable }
  }

  return {
    async generate(request, watch, emit) {
      const { mode, reasoningForced, ...call } = await prepare(request, undefined, watch)
      const emitNoted: Emit = (event) =>
        emit(reasoningForced && event.type === 'start' ? { ...event, reasoningForced } : event)
      await pickTransport(call.endpoint, mode)({ ...call, emit: emitNoted })
    },
    async submit(request, watch) {
      const { reasoningForced, ...call } = await prepare(request, 'queue', watch)
      const { submitJob } = await loadQueue()
      const requestId = await submitJob(call)
      return { requestId, endpoint: call.endpoint.id, ...(reasoningForced && { reasoningForced }) }
    },
    async attach(job, logs, watch, emit) {
      const endpoint = resolveEndpoint(job.endpoint)
      const requestId = assertRequestId(job.requestId, endpoint.id)
      emit({ type: 'start', requestId, endpoint: endpoint.id, model: undefined, mode: 'queue' })
      const { attendJob } = await loadQueue()
      const call = { endpoint, queue: { logs }, http, loadClient, watch, emit }
      await attendJob({ endpoint, requestId }, call, true)
    },
    promptTokens: (request) => estimateTokens(promptText(request)),
    async cancel(job) {
      const { cancelJob } = await loadQueue()
      return cancelJob({ ...job, endpoint: resolveEndpoint(job.endpoint) }, loadClient)
    },
    upload,
    fal: () => loadClient(),
  }
}

/** What is wrong with a field is found before an image is sent; the URLs of sent ones are put in afterwards. */
async function checkedInput(
  endpoint: Endpoint,
  request: GenerateRequest,
  mode: RunMode,
  send: (image: string | Blob) => Promise<string>,
): Promise<Readonly<Record<string, unknown>>> {
  const { images = [] } = request
  const blobs = images.some((image) => typeof image !== 'string')
  const known = images.map((image) => (typeof image === 'string' ? image : 'https://fal.media/'))
  const input = check(endpoint, request, mode, known)
  return blobs ? check(endpoint, request, mode, await Promise.all(images.map(send))) : input
}

function check(
  endpoint: Endpoint,
  request: GenerateRequest,
  mode: RunMode,
  imageUrls: readonly string[],
): Readonly<Record<string, unknown>> {
  const { prompt, messages, system, model, params } = request
  const input = toWireInput(endpoint, {
    prompt,
    messages,
    system,
    model,
    ...(imageUrls.length > 0 && { imageUrls }),
    // Seen as the record it is; a type that names its keys has no index.
    params: params as Readonly<Record<string, unknown>> | undefined,
    stream: mode === 'stream',
  })
  const checked = validateInput(endpoint, input)
  const unknown = findUnknownFields(endpoint, input)
  if (checked.ok && unknown.length === 0) return checked.value
  const issues = checked.ok ? unknown : [...checked.issues, ...unknown]
  throw new FalLlmError(
    'invalid-input',
    issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '),
    { issues, endpoint: endpoint.id },
  )
}

function promptText(request: GenerateRequest): string {
  const turns = request.messages ?? []
  const words = turns.flatMap(({ content }) =>
    typeof content === 'string'
      ? [content]
      : content.map((part) => (part.type === 'text' ? part.text : '')),
  )
  return [request.system ?? '', request.prompt ?? '', ...words].join('\n')
}
