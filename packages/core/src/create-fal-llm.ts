import type { EndpointId } from './endpoints/index.ts'
import type { Emit } from './events.ts'
import type { FalAccess } from './fal-backend.ts'
import type { FalLlm, GenerateRequest, SubmitRequest, FalLlmOptions } from './generate/fal-llm.ts'
import { createRun } from './generate/run.ts'
import { loadPart } from './load-part.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { createWatch } from './deadline.ts'
import type { Watch } from './deadline.ts'
import { defaultEndpointId } from './endpoints/default-endpoint.ts'

/** Creates a client. Cheap and synchronous. Never throws: wrong options surface as the first call's error. */
export function createFalLlm(options: FalLlmOptions = {}): FalLlm {
  const clock = options.clock ?? systemClock
  let access: FalAccess | undefined
  let opening: Promise<FalAccess> | undefined
  const open = (): Promise<FalAccess> => {
    opening ??= load(options, clock).then(
      (loaded) => (access = loaded),
      (error: unknown) => {
        // The network may be back at the next call.
        opening = undefined
        throw error
      },
    )
    return opening
  }
  const watchOf = ({ signal, timeouts }: Pick<GenerateRequest, 'signal' | 'timeouts'>): Watch =>
    createWatch(clock, options.timeouts, signal, timeouts)
  const start = (request: GenerateRequest, watch: Watch, work: (emit: Emit) => Promise<void>) => {
    const { endpoint = defaultEndpointId } = request
    return createRun({
      watch,
      endpoint: typeof endpoint === 'string' ? endpoint : endpoint.id,
      model: request.model,
      promptTokens: () => access?.promptTokens(request) ?? 0,
      work,
    })
  }

  return {
    generate(typedRequest) {
      const request = forget(typedRequest)
      const watch = watchOf(request)
      return start(request, watch, async (emit) =>
        (await watch.race(open())).generate(request, watch, emit),
      )
    },
    async submit(typedRequest) {
      const request = forget(typedRequest)
      const watch = watchOf(request)
      try {
        if (watch.signal.aborted) throw watch.signal.reason
        return await (await watch.race(open())).submit(request, watch)
      } finally {
        watch.close()
      }
    },
    attach(job, how = {}) {
      const watch = watchOf(how)
      return start({ endpoint: job.endpoint }, watch, async (emit) =>
        (await watch.race(open())).attach(job, how, watch, emit),
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
async function load(options: FalLlmOptions, clock: Clock): Promise<FalAccess> {
  const { createFalAccess } = await loadPart(() => import('./fal-backend.ts'))
  return createFalAccess(options, clock)
}
