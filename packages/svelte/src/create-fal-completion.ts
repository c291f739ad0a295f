import { createFalCompletion as createCompletion } from '@fal-llm/core'
import type { Completion, CompletionOptions, CompletionState, EndpointId } from '@fal-llm/core'
import type { DefaultEndpointId } from '@fal-llm/core/binding'
import type { Readable } from 'svelte/store'
import { getFalLlm } from './fal-llm-context.ts'
import { fieldStores } from './field-stores.ts'
import type { FieldStores } from './field-stores.ts'
import { withComponent } from './in-component.ts'

/** A completion as stores: the object is a store of the whole state, and has one per field beside its commands. */
export type FalCompletionStores = Readable<CompletionState> &
  FieldStores<CompletionState> &
  Pick<Completion, 'complete' | 'stop' | 'reset' | 'setOptions' | 'destroy'>

/** Asks for one answer at a time; the latest call wins. Inside a component the answer stops with it. */
export function createFalCompletion<E extends EndpointId = DefaultEndpointId>(
  options: CompletionOptions<E> = {},
): FalCompletionStores {
  const completion = createCompletion<E>({ llm: getFalLlm(), ...options })
  const { complete, stop, reset, setOptions, destroy } = completion
  withComponent(() => void stop())

  return { ...fieldStores(completion), complete, stop, reset, setOptions, destroy }
}
