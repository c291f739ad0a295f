// Some models do not answer without reasoning. OpenRouter refuses a request that turns it off, and for this one, with some of
// its hosts, also one that says nothing of it; here both are refused. What fal's prompt endpoints say then is inferred.

/** @source OpenRouter's answer, as people report it (fal-ai endpoints stand on it) */
export const mandatoryReasoning = 'Reasoning is mandatory for this endpoint and cannot be disabled.'

const models: ReadonlySet<string> = new Set(['openai/gpt-oss-120b'])

/** Tells whether a model refuses to answer without reasoning; ":free" and the like are the same model. Never throws. */
export function insistsOnReasoning(model: string): boolean {
  return models.has(model.replace(/:.*$/, ''))
}
