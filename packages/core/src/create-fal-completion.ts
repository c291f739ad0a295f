import { createFalLlm } from './create-fal-llm.ts'
import type { EndpointId } from './endpoints/index.ts'
import { createCompletion } from './generate/complete.ts'
import type { Completion, CompletionOptions } from './generate/complete.ts'
import type { DefaultEndpointId } from './endpoints/default-endpoint.ts'

/** Asks for one answer at a time; the latest call wins. `llm` defaults to `createFalLlm()`. Never throws. */
export function createFalCompletion<E extends EndpointId = DefaultEndpointId>(
  options: CompletionOptions<E> = {},
): Completion {
  // The types of E have done their work at the call; inside, every endpoint is treated alike.
  const anyOptions = options as CompletionOptions
  return createCompletion({ ...anyOptions, llm: options.llm ?? createFalLlm() })
}
