import { createFalLlm } from '@fal-llm/core'
import type { FalLlm } from '@fal-llm/core'
import { getContext, setContext } from 'svelte'
import { inComponent } from './in-component.ts'

const key = Symbol('fal-llm')

/** Gives a client to this component and those below it. Call it while the component is set up. */
export function setFalLlm(llm: FalLlm): void {
  setContext(key, llm)
}

/** The client that a component above gives, if one does. A chat makes one of its own with its first question. */
export function getProvidedLlm(): FalLlm | undefined {
  return inComponent() ? getContext<FalLlm | undefined>(key) : undefined
}

/** The client that a component above gives, or `createFalLlm()` where none does. */
export function getFalLlm(): FalLlm {
  return getProvidedLlm() ?? createFalLlm()
}
