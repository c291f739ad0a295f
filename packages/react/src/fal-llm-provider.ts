import { createFalLlm } from '@fal-llm/core'
import type { FalLlm } from '@fal-llm/core'
import { createContext, createElement, useContext, useState } from 'react'
import type { ReactNode } from 'react'

const FalLlmContext = createContext<FalLlm | undefined>(undefined)

/** Gives the client below it to every hook that is not given one itself. */
export function FalLlmProvider(props: {
  readonly llm: FalLlm
  readonly children?: ReactNode
}): ReactNode {
  return createElement(FalLlmContext.Provider, { value: props.llm }, props.children)
}

/** The provider's client, if there is a provider. A chat makes one of its own with its first question. */
export function useProvidedLlm(): FalLlm | undefined {
  return useContext(FalLlmContext)
}

/** The provider's client, or `createFalLlm()` where there is no provider. */
export function useFalLlm(): FalLlm {
  const provided = useProvidedLlm()
  const [own] = useState(() => provided ?? createFalLlm())
  return provided ?? own
}
