import { createFalCompletion } from '@fal-llm/core'
import { followOptions } from '@fal-llm/core/binding'
import type { Completion, CompletionOptions, CompletionState, EndpointId } from '@fal-llm/core'
import type { DefaultEndpointId } from '@fal-llm/core/binding'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useFalLlm } from './fal-llm-provider.ts'

/** Asks for one answer at a time; the latest call wins. Options are live. The answer stops with the component. */
export function useFalCompletion<E extends EndpointId = DefaultEndpointId>(
  options: CompletionOptions<E> = {},
): CompletionState & Pick<Completion, 'complete' | 'stop' | 'reset'> {
  const whole = { llm: useFalLlm(), ...options }
  const [{ completion, follow }] = useState(() => {
    const created = createFalCompletion<E>(whole)
    return { completion: created, follow: followOptions(created, whole) }
  })
  const { subscribe, getState, getServerState, complete, stop, reset } = completion
  const state = useSyncExternalStore(subscribe, getState, getServerState)

  useEffect(() => follow(whole))
  useEffect(() => () => void stop(), [stop])

  return { ...state, complete, stop, reset }
}
