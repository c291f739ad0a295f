import { resolveEndpoint, validateInput } from './endpoints/index.ts'
import type { Endpoint, EndpointId } from './endpoints/index.ts'
import { toWireInput } from './endpoints/to-wire-input.ts'
import { FalLlmError } from './errors.ts'
import type { Emit, RunMode } from './events.ts'
import type { FalLlm, GenerateRequest } from './generate/fal-llm.ts'
import { createRun } from './generate/run.ts'
import { estimateTokens } from './generate/timing.ts'
import { systemClock } from './wire/clock.ts'
import type { Clock } from './wire/clock.ts'
import { createFalClientLoader } from './wire/fal-client.ts'
import { createHttp } from './wire/http.ts'
import type { HttpOptions } from './wire/http.ts'
import { assertRequestId } from './wire/job.ts'
import { defaultMode, pickTransport } from './wire/transport.ts'
import type { TransportCall } from './wire/transport.ts'
import { createUpload } from './wire/upload.ts'
import { createWatch } from './wire/watch.ts'
import type { Timeouts, Watch } from './wire/watch.ts'

/** How a client reaches fal. Nothing is read or sent before the first call. */
export interface FalLlmOptions extends HttpOptions {
  /** Defaults for every call. */
  readonly timeouts?: Timeouts
  /** Where time comes from; for tests. Default: the machine's clock. */
  readonly clock?: Clock
}

/** Creates a client. Cheap and synchronous. Never throws: wrong options surface as the first call's error. */
export function createFalLlm(options: FalLlmOptions = {}): FalLlm {
  const http = createHttp(options)
  const clock = options.clock ?? systemClock
  const loadClient = createFalClientLoader({
    http,
    clock,
    timeouts: options.timeouts,
    httpOptions: options,
  })
  const upload = createUpload(loadClient)
  // Loaded with the first call that needs it: a chat that only streams never carries it.
  const loadQueue = () => import('./wire/fal-queue.ts')
  const watchOf = (request: Pick<GenerateRequest, 'signal' | 'timeouts'>): Watch =>
    createWatch(clock, { ...options.timeouts, ...request.timeouts }, request.signal)

  /** Everything that can be wrong with a request is found here, before anything is sent. */
  const prepare = async (
    request: GenerateRequest,
    mode: RunMode | undefined,
    watch: Watch,
  ): Promise<Omit<TransportCall, 'emit'> & { readonly mode: RunMode }> => {
    const endpoint = resolveEndpoint(named(request))
    const picked = mode ?? request.mode ?? defaultMode(endpoint)
    pickTransport(endpoint, picked)
    const input = await checkedInput(endpoint, request, picked, async (image) =>
      typeof image === 'string' ? image : watch.race(upload(image, { signal: watch.signal })),
    )
    const model = request.model ?? endpoint.defaultModel
    return { endpoint, input, model, queue: request, http, loadClient, watch, mode: picked }
  }
  const start = (request: GenerateRequest, watch: Watch, work: (emit: Emit) => Promise<void>) => {
    const endpoint = named(request)
    return createRun({
      watch,
      endpoint: typeof endpoint === 'string' ? endpoint : endpoint.id,
      model: request.model,
      promptTokens: () => estimateTokens(promptText(request)),
      work,
    })
  }

  return {
    generate(typedRequest) {
      const request: GenerateRequest<EndpointId> = typedRequest
      const watch = watchOf(request)
      return start(request, watch, async (emit) => {
        const { mode, ...call } = await prepare(request, undefined, watch)
        await pickTransport(call.endpoint, mode)({ ...call, emit })
      })
    },
    async submit(typedRequest) {
      const request: GenerateRequest<EndpointId> = typedRequest
      const watch = watchOf(request)
      try {
        if (watch.signal.aborted) throw watch.signal.reason
        const call = await prepare(request, 'queue', watch)
        const { submitJob } = await loadQueue()
        return { requestId: await submitJob(call), endpoint: call.endpoint.id }
      } finally {
        watch.close()
      }
    },
    attach(job, { signal, logs, timeouts } = {}) {
      const watch = watchOf({ signal, timeouts })
      return start({ endpoint: job.endpoint }, watch, async (emit) => {
        const endpoint = resolveEndpoint(job.endpoint)
        const requestId = assertRequestId(job.requestId, endpoint.id)
        emit({ type: 'start', requestId, endpoint: endpoint.id, model: undefined, mode: 'queue' })
        const { attendJob } = await loadQueue()
        const call = { endpoint, queue: { logs }, http, loadClient, watch, emit }
        await attendJob({ endpoint, requestId }, call, true)
      })
    },
    async cancel(job) {
      const { cancelJob } = await loadQueue()
      return cancelJob({ ...job, endpoint: resolveEndpoint(job.endpoint) }, loadClient)
    },
    upload,
    fal: () => loadClient(),
  }
}

function named(request: GenerateRequest): EndpointId | Endpoint {
  return request.endpoint ?? 'openrouter/router'
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
  if (checked.ok) return checked.value
  throw new FalLlmError(
    'invalid-input',
    checked.issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '),
    { issues: checked.issues, endpoint: endpoint.id },
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
