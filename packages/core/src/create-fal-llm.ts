import type { EndpointId } from './endpoints/index.ts'
import type { Emit } from './events.ts'
import type { FalBackend } from './fal-backend.ts'
import type { FalLlm, GenerateRequest, SubmitRequest, FalLlmOptions } from './generate/fal-llm.ts'
import { createRun } from './generate/run.ts'
import { loadPart } from './load-part.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { createDeadline } from './deadline.ts'
import type { Deadline } from './deadline.ts'
import { defaultEndpointId } from './endpoints/default-endpoint.ts'

/** Creates a client. Cheap and synchronous. Never throws: wrong options surface as the first call's error. */
export function createFalLlm(options: FalLlmOptions = {}): FalLlm {
  const clock = options.clock ?? systemClock
  let backend: FalBackend | undefined
  let opening: Promise<FalBackend> | undefined
  const open = (): Promise<FalBackend> => {
    opening ??= load(options, clock).then(
      (loaded) => (backend = loaded),
      (error: unknown) => {
        // The network may be back at the next call.
        opening = undefined
        throw error
      },
    )
    return opening
  }
  const deadlineOf = ({
    signal,
    timeouts,
  }: Pick<GenerateRequest, 'signal' | 'timeouts'>): Deadline =>
    createDeadline(clock, options.timeouts, signal, timeouts)
  const start = (
    request: GenerateRequest,
    deadline: Deadline,
    work: (emit: Emit) => Promise<void>,
  ) => {
    const { endpoint = defaultEndpointId } = request
    return createRun({
      deadline,
      endpoint: typeof endpoint === 'string' ? endpoint : endpoint.id,
      model: request.model,
      promptTokens: () => backend?.promptTokens(request) ?? 0,
      work,
    })
  }

  return {
    generate(typedRequest) {
      const request = forget(typedRequest)
      const deadline = deadlineOf(request)
      return start(request, deadline, async (emit) =>
        (await deadline.race(open())).generate(request, deadline, emit),
      )
    },
    async submit(typedRequest) {
      const request = forget(typedRequest)
      const deadline = deadlineOf(request)
      try {
        if (deadline.signal.aborted) throw deadline.signal.reason
        return await (await deadline.race(open())).submit(request, deadline)
      } finally {
        deadline.close()
      }
    },
    attach(job, how = {}) {
      const deadline = deadlineOf(how)
      return start({ endpoint: job.endpoint }, deadline, async (emit) =>
        (await deadline.race(open())).attach(job, how, deadline, emit),
      )
    },
    cancel: async (job) => (await open()).cancel(job),
    upload: async (file, uploadOptions) => (await open()).upload(file, uploadOptions),
    fal: async () => (await open()).fal(),
  }
}

/** A request whose endpoint is not known as a type any more. */
function forget<E extends EndpointId>(request: SubmitRequest<E>): GenerateRequest {
  // The types of E have done their work at the call; inside, every endpoint is treated alike.
  return request as GenerateRequest
}

// Loaded with the first call: a page that shows a chat does not carry the wire before somebody asks.
async function load(options: FalLlmOptions, clock: Clock): Promise<FalBackend> {
  const { createFalBackend } = await loadPart(() => import('./fal-backend.ts'))
  return createFalBackend(options, clock)
}
