/** How freely and how long a model writes. */
export interface SamplingParams {
  /** 0 to 2. The router endpoints default to 1, the others to the model's own. */
  temperature?: number | undefined
  /** Tokens, at least 1. Default: what the context leaves. */
  maxTokens?: number | undefined
  /** Asks for the reasoning beside the answer. Default false. */
  reasoning?: boolean | undefined
}

/** Whether any-llm prefers many tokens a second or a quick first one. Default 'latency'. */
export interface PriorityParams {
  priority?: 'latency' | 'throughput' | undefined
}

/** What any-llm/enterprise can be told: no temperature, no maxTokens. */
export interface EnterpriseParams extends PriorityParams {
  /** Asks for the reasoning beside the answer. Default false. */
  reasoning?: boolean | undefined
}

/** What any-llm can be told. */
export interface AnyLlmParams extends SamplingParams, PriorityParams {}
