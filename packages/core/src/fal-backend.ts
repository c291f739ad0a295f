// All that lies between a request and fal: the checks, the wire, the queue, the files. It is loaded with the first
// request, so a page shows its chat before it carries any of this.

import { resolveEndpoint, validateInput } from './endpoints/index.ts'
import type { Endpoint } from './endpoints/index.ts'
import { findUnknownFields } from './endpoints/input/find-unknown-fields.ts'
import { requireReasoning } from './endpoints/input/require-reasoning.ts'
import { toWireInput } from './endpoints/input/to-wire-input.ts'
import { FalLlmError, toFalLlmError } from './errors.ts'
import type { Emit, RunMode } from './events.ts'
import { estimateTokens } from './generate/estimate-usage.ts'
import type {
  AttachOptions,
  FalLlm,
  GenerateRequest,
  JobReference,
  FalLlmOptions,
} from './generate/fal-llm.ts'
import { checkQueueOptions } from './wire/queue-options.ts'
import { createFalClientLoader } from './wire/files/fal-client.ts'
import { createHttp } from './wire/http/http.ts'
import { assertRequestId } from './wire/queue/job.ts'
import { defaultMode, pickTransport } from './wire/transport.ts'
import type { TransportCall } from './wire/call.ts'
import { replaceFiles } from './wire/files/file-data.ts'
import type { FileData } from './wire/files/file-data.ts'
import { createUpload } from './wire/files/upload.ts'
import { createDeadline } from './deadline.ts'
import type { Deadline } from './deadline.ts'
import type { Clock } from './clock.ts'
import { assertTimeouts } from './duration.ts'
import { defaultEndpointId } from './endpoints/default-endpoint.ts'

/** What a client does, each call under a deadline of its own. */
export interface FalBackend {
  /** Resolves after `finish` was emitted; rejects with a FalLlmError. */
  generate(request: GenerateRequest, deadline: Deadline, emit: Emit): Promise<void>
  submit(request: GenerateRequest, deadline: Deadline): ReturnType<FalLlm['submit']>
  attach(job: JobReference, how: AttachOptions, deadline: Deadline, emit: Emit): Promise<void>
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

/** The last jobs submitted: fal may not know a younger one everywhere yet. */
const mostSubmitted = 100

/**
 * Opens a way to fal. Nothing is sent before the first call.
 *
 * @throws FalLlmError `invalid-input` for options that are none.
 */
export function createFalBackend(options: FalLlmOptions, clock: Clock): FalBackend {
  assertTimeouts(options.timeouts)
  const http = createHttp(options)
  const loadClient = createFalClientLoader({
    http,
    clock,
    timeouts: options.timeouts,
    httpOptions: options,
  })
  const upload = createUpload(loadClient)
  const submittedAt = new Map<string, number>()
  // Loaded with the first call that needs it: a chat that only streams never carries it.
  const loadQueue = () => import('./wire/queue/fal-queue.ts')

  /** Everything that can be wrong with a request is found here, before anything is sent. */
  const prepare = async (
    request: GenerateRequest,
    mode: RunMode | undefined,
    deadline: Deadline,
  ): Promise<Omit<TransportCall, 'emit'> & PreparedCall> => {
    assertTimeouts(request.timeouts)
    const endpoint = resolveEndpoint(request.endpoint ?? defaultEndpointId)
    const picked = mode ?? request.mode ?? defaultMode(endpoint)
    pickTransport(endpoint, picked)
    checkQueueOptions(request)
    const checked = await checkedInput(endpoint, request, picked, (file) =>
      deadline.race(upload(file, { signal: deadline.signal })),
    )
    const answerable = requireReasoning(endpoint, checked)
    const model = request.model ?? endpoint.defaultModel
    const call = { endpoint, model, queue: request, http, loadClient, deadline, mode: picked }
    return { ...call, ...answerable }
  }

  /** Whatever part of the wire an error comes from: what proves who sends is not in it. */
  const cleanly = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (thrown) {
      throw http.redactor.redactError(toFalLlmError(thrown))
    }
  }
  const cleanEmit =
    (emit: Emit): Emit =>
    (event) =>
      emit(http.redactor.redactEvent(event))

  return {
    generate: (request, deadline, emit) =>
      cleanly(async () => {
        const { mode, reasoningForced, ...call } = await prepare(request, undefined, deadline)
        const emitNoted: Emit = (event) =>
          emit(reasoningForced && event.type === 'start' ? { ...event, reasoningForced } : event)
        await pickTransport(call.endpoint, mode)({ ...call, emit: cleanEmit(emitNoted) })
      }),
    submit: (request, deadline) =>
      cleanly(async () => {
        const { reasoningForced, ...call } = await prepare(request, 'queue', deadline)
        const { submitJob } = await loadQueue()
        const requestId = await submitJob(call)
        if (submittedAt.size >= mostSubmitted) submittedAt.delete([...submittedAt.keys()][0] ?? '')
        submittedAt.set(requestId, deadline.elapsed())
        return {
          requestId,
          endpoint: call.endpoint.id,
          ...(reasoningForced && { reasoningForced }),
        }
      }),
    attach: (job, queue, deadline, emit) =>
      cleanly(async () => {
        assertTimeouts(queue.timeouts)
        checkQueueOptions(queue)
        const endpoint = resolveEndpoint(job.endpoint)
        const requestId = assertRequestId(job.requestId, endpoint.id)
        emit({ type: 'start', requestId, endpoint: endpoint.id, model: undefined, mode: 'queue' })
        const { awaitJob } = await loadQueue()
        const known = { endpoint, queue, http, deadline, submittedAt: submittedAt.get(requestId) }
        await awaitJob({ endpoint, requestId }, { ...known, emit: cleanEmit(emit) }, true)
      }),
    promptTokens: (request) => estimateTokens(promptText(request)),
    cancel: (job) =>
      cleanly(async () => {
        const { cancelJob } = await loadQueue()
        const named = { ...job, endpoint: resolveEndpoint(job.endpoint) }
        return cancelJob(named, http, createDeadline(clock, options.timeouts))
      }),
    upload: (file, uploadOptions) => cleanly(() => upload(file, uploadOptions)),
    fal: () => loadClient(),
  }
}

/** What is wrong with a field is found before a file is sent; the URLs of sent ones are put in afterwards. */
async function checkedInput(
  endpoint: Endpoint,
  request: GenerateRequest,
  mode: RunMode,
  send: (file: FileData) => Promise<string>,
): Promise<Readonly<Record<string, unknown>>> {
  const { images = [], params } = request
  const files = new Set<FileData>()
  const draft = replaceFiles({ images, params }, (file) => {
    files.add(file)
    return 'https://fal.media/'
  })
  const input = check(endpoint, request, mode, draft)
  if (files.size === 0) return input
  const urls = new Map(
    await Promise.all([...files].map(async (file) => [file, await send(file)] as const)),
  )
  const sent = replaceFiles({ images, params }, (file) => urls.get(file))
  return check(endpoint, request, mode, sent)
}

function check(
  endpoint: Endpoint,
  { prompt, messages, system, model }: GenerateRequest,
  mode: RunMode,
  { images, params }: Pick<GenerateRequest, 'images' | 'params'>,
): Readonly<Record<string, unknown>> {
  const input = toWireInput(endpoint, {
    prompt,
    messages,
    system,
    model,
    // Its files are URLs by now.
    imageUrls: images as readonly string[],
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
