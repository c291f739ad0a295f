// Some models do not answer without reasoning. OpenRouter refuses a request that turns reasoning off. For this model some of
// its hosts also refuse a request that does not mention reasoning; the emulator refuses both. The text of fal's prompt
// endpoints is inferred.

/** @source OpenRouter's answer, as people report it (fal passes requests on to OpenRouter) */
export const mandatoryReasoning = 'Reasoning is mandatory for this endpoint and cannot be disabled.'

const models: ReadonlySet<string> = new Set(['openai/gpt-oss-120b'])

/** Whether a model refuses to answer without reasoning; a suffix such as ":free" is ignored. */
export function insistsOnReasoning(model: string): boolean {
  return models.has(model.replace(/:.*$/, ''))
}
