import { createFalCompletion } from '@fal-llm/core'
import { followOptions } from '@fal-llm/core/binding'
import type { Completion, CompletionOptions, CompletionState, EndpointId } from '@fal-llm/core'
import type { DefaultEndpointId } from '@fal-llm/core/binding'
import { getFalLlm } from './fal-llm-context.ts'
import { withComponent } from './in-component.ts'
import { bridgesToRunes } from './svelte-5.ts'
import { withFields } from './with-fields.ts'

/** A completion with reactive getters. Do not destructure the state: a getter is tracked where it is read. */
export type FalCompletionRunes = Readonly<CompletionState> &
  Pick<Completion, 'complete' | 'stop' | 'reset'>

/** Asks for one answer at a time; the latest call wins. Options in a getter are live. The answer stops with the component. */
export function useFalCompletion<E extends EndpointId = DefaultEndpointId>(
  options: CompletionOptions<E> | (() => CompletionOptions<E>) = {},
): FalCompletionRunes {
  const { toStore } = bridgesToRunes()
  const llm = getFalLlm()
  const read = (): CompletionOptions<E> => ({
    llm,
    ...(typeof options === 'function' ? options() : options),
  })
  const completion = createFalCompletion<E>(read())
  const { complete, stop, reset } = completion
  const unfollow = toStore(read).subscribe(followOptions(completion, read()))
  withComponent(() => {
    unfollow()
    void stop()
  })

  return withFields(completion, { complete, stop, reset })
}
