/**
 * A validator as https://standardschema.dev defines it, so any library's schema will do.
 * `validate` must be synchronous.
 */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    validate(value: unknown): unknown
    /** Present when the schema can describe itself (Standard JSON Schema). */
    readonly jsonSchema?: {
      input(options: { readonly target: 'draft-2020-12' }): Record<string, unknown>
    }
  }
}

/** A model an endpoint is known to serve. */
export interface ModelInfo {
  /** The slug to send, "openai/gpt-4o". */
  readonly id: string
  /** The slug's first half, "openai". */
  readonly vendor: string
  /** Charged at ten times the standard rate. */
  readonly premium: boolean
  /** Answers only with reasoning on: our client turns it on. Default: as far as it is known of the model. */
  readonly requiresReasoning?: boolean
  readonly isDefault: boolean
}

/**
 * What one fal endpoint accepts and returns, as data.
 * Code asks an endpoint for a property (`supports.stream`), never for its id.
 */
export interface Endpoint<Id extends string = string> {
  readonly id: Id
  /** prompt: one `prompt` and a `system_prompt`, cumulative snapshots back. messages: OpenAI's shapes. */
  readonly kind: 'prompt' | 'messages'
  /** Validates the wire input (snake_case). */
  readonly input: StandardSchema
  /**
   * Whether `input` names every field there is, so that our client refuses a parameter of another name: it is misspelt, or
   * meant for another endpoint. Default false: others are passed on. fal itself passes over a field it does not know.
   */
  readonly closed?: boolean
  readonly output: StandardSchema
  /** The known models; `modelsAreOpen` says whether others are accepted. */
  readonly models: readonly ModelInfo[]
  readonly modelsAreOpen: boolean
  /** undefined where fal makes `model` required. */
  readonly defaultModel: string | undefined
  readonly supports: {
    readonly stream: boolean
    readonly queue: boolean
    readonly images: boolean
    readonly usage: boolean
  }
  readonly limits?: {
    /** Images of one request. Default: no limit is known. */
    readonly images?: number
  }
  /** Where fal describes it. */
  readonly documentation: string
}

/** Makes an endpoint of your own fal app that speaks the same shapes. */
export function defineEndpoint<const Id extends string>(definition: Endpoint<Id>): Endpoint<Id> {
  return Object.freeze({ ...definition })
}
