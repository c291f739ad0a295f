import { createFalCompletion } from '@fal-llm/core'
import { followOptions } from '@fal-llm/core/binding'
import type { Completion, CompletionOptions, CompletionState, EndpointId } from '@fal-llm/core'
import type { DefaultEndpointId } from '@fal-llm/core/binding'
import { onScopeDispose, toValue, watch } from 'vue'
import type { MaybeRefOrGetter } from 'vue'
import { useFalLlm } from './fal-llm-plugin.ts'
import { usePublished } from './use-published.ts'
import type { FieldRefs } from './use-published.ts'

/** Asks for one answer at a time; the latest call wins. Options are live. The answer stops with the component. */
export function useFalCompletion<E extends EndpointId = DefaultEndpointId>(
  options: MaybeRefOrGetter<CompletionOptions<E>> = {},
): FieldRefs<CompletionState> & Pick<Completion, 'complete' | 'stop' | 'reset'> {
  const llm = useFalLlm()
  const read = (): CompletionOptions<E> => ({ llm, ...toValue(options) })
  const completion = createFalCompletion<E>(read())
  const { complete, stop, reset } = completion

  watch(read, followOptions(completion, read()))
  onScopeDispose(() => void stop())

  return { ...usePublished(() => completion), complete, stop, reset }
}
