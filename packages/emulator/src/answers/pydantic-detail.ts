// fal's endpoints are FastAPI apps, so a 422 lists all the errors of an input in Pydantic's words. The texts are those of
// pydantic 2.13; which version fal runs is not known.

import type { InputIssue } from '@fal-llm/core/endpoints'

/** One entry of a 422's `detail`. */
export interface ValidationDetail {
  readonly type: string
  readonly loc: readonly (string | number)[]
  readonly msg: string
  /** The wrong value; for a missing field, the object that it is missing from. */
  readonly input: unknown
  readonly ctx?: Readonly<Record<string, unknown>>
}

/** Turns the issues of an input into the `detail` of fal's 422. */
export function toPydanticDetail(
  issues: readonly InputIssue[],
  input: unknown,
): readonly ValidationDetail[] {
  return issues.map(({ path, message, type, ctx }) => {
    const [body = 'body', ...steps] = path.split('.')
    const loc = [body, ...steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step))]
    const given = type === 'missing' ? valueAt(input, steps.slice(0, -1)) : valueAt(input, steps)
    const msg = Object.hasOwn(messages, type) ? messages[type]?.(ctx ?? {}) : undefined
    return { type, loc, msg: msg ?? `Value error, ${message}`, input: given, ...(ctx && { ctx }) }
  })
}

const messages: Readonly<Record<string, (ctx: Readonly<Record<string, unknown>>) => string>> = {
  missing: () => 'Field required',
  string_type: () => 'Input should be a valid string',
  literal_error: ({ expected }) => `Input should be ${expected}`,
  less_than: ({ lt }) => `Input should be less than ${lt}`,
  less_than_equal: ({ le }) => `Input should be less than or equal to ${le}`,
  greater_than: ({ gt }) => `Input should be greater than ${gt}`,
  greater_than_equal: ({ ge }) => `Input should be greater than or equal to ${ge}`,
  float_type: () => 'Input should be a valid number',
  float_parsing: () => 'Input should be a valid number, unable to parse string as a number',
  finite_number: () => 'Input should be a finite number',
  int_type: () => 'Input should be a valid integer',
  int_parsing: () => 'Input should be a valid integer, unable to parse string as an integer',
  int_from_float: () => 'Input should be a valid integer, got a number with a fractional part',
  bool_type: () => 'Input should be a valid boolean',
  bool_parsing: () => 'Input should be a valid boolean, unable to interpret input',
  list_type: () => 'Input should be a valid list',
  dict_type: () => 'Input should be a valid dictionary',
  model_attributes_type: () =>
    'Input should be a valid dictionary or object to extract fields from',
  too_short: ({ min_length: least, actual_length: length }) =>
    `List should have at least ${least} ${least === 1 ? 'item' : 'items'} after validation, not ${length}`,
  too_long: ({ max_length: most, actual_length: length }) =>
    `List should have at most ${most} ${most === 1 ? 'item' : 'items'} after validation, not ${length}`,
}

function valueAt(input: unknown, steps: readonly string[]): unknown {
  let value = input
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null
    value = Reflect.get(value, step)
  }
  return value ?? null
}
