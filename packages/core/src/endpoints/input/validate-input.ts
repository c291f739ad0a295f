import { FalLlmError } from '../../errors.ts'
import type { InputIssue } from '../../errors.ts'
import type { EndpointId } from '../endpoint-map.ts'
import type { Endpoint } from '../endpoint.ts'
import { resolveEndpoint } from '../resolve-endpoint.ts'

/** What `validateInput` found: an input to send, or everything that is wrong with it. */
export type InputValidation =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly issues: readonly InputIssue[] }

/**
 * Checks a wire input (snake_case) before it is sent, as leniently as fal's Pydantic: "0.5" is read as 0.5.
 * The value is a new plain object without `undefined` fields; fields that fal does not know are kept.
 * The issues are one per wrong field, all at once, named as fal's 422 names them. Never throws.
 *
 * @param endpoint An endpoint, or its id: an unknown one is an issue of its own, on the path "endpoint".
 */
export function validateInput(endpoint: EndpointId | Endpoint, input: unknown): InputValidation {
  if (input === undefined || input === null) return refuse('is required', 'missing')
  try {
    const schema = resolveEndpoint(endpoint).input
    return toInputValidation(schema['~standard'].validate(input))
  } catch (error) {
    if (error instanceof FalLlmError) return { ok: false, issues: error.issues }
    return refuse("could not be checked: the endpoint's schema threw")
  }
}

/** A Standard Schema's verdict; our own schemas add Pydantic's type and figures. */
interface Verdict {
  readonly value?: unknown
  readonly issues?: readonly {
    readonly message: string
    readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[]
    readonly type?: string
    readonly ctx?: Readonly<Record<string, unknown>>
  }[]
}

function toInputValidation(result: unknown): InputValidation {
  if (result instanceof Promise) {
    // What it says comes too late, but its failure must not end the process.
    result.catch(() => {})
    return refuse("could not be checked: the endpoint's schema is asynchronous")
  }
  // What Standard Schema promises of `validate`.
  const { value, issues } = result as Verdict
  if (!issues) {
    return typeof value === 'object'
      ? { ok: true, value: { ...value } }
      : refuse('must be an object')
  }
  return {
    ok: false,
    issues: issues.map(({ path = [], message, type = 'value_error', ctx }) => {
      const steps = path.map((step) => String(typeof step === 'object' ? step.key : step))
      return { path: ['body', ...steps].join('.'), message, type, ...(ctx && { ctx }) }
    }),
  }
}

function refuse(message: string, type = 'value_error'): InputValidation {
  return { ok: false, issues: [{ path: 'body', message, type }] }
}
