import { createFalLlm } from '@fal-llm/core'
import type { FalLlm } from '@fal-llm/core'
import { hasInjectionContext, inject } from 'vue'
import type { InjectionKey, Plugin } from 'vue'

const falLlmKey: InjectionKey<FalLlm> = Symbol('fal-llm')

/** Gives a client to every composable of the app that is not given one itself: `app.use(falLlmPlugin, { llm })`. */
export const falLlmPlugin: Plugin<[{ llm: FalLlm }]> = {
  install: (app, { llm }) => void app.provide(falLlmKey, llm),
}

/** The plugin's client, if there is a plugin. A chat makes one of its own with its first question. */
export function useProvidedLlm(): FalLlm | undefined {
  return hasInjectionContext() ? inject(falLlmKey, undefined) : undefined
}

/** The plugin's client, or `createFalLlm()` where there is no plugin. */
export function useFalLlm(): FalLlm {
  return useProvidedLlm() ?? createFalLlm()
}
