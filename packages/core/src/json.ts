// What came from outside is unknown until somebody has looked at it: these look.

/** An object of unknown fields. */
export type Fields = Readonly<Record<string, unknown>>

// Most chunks of an answer lack most fields: nothing is made for what is not there.
const noFields: Fields = {}
const noList: readonly unknown[] = []

/** Whether something is an object with fields; a list is none. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object, or one without a field. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : noFields
}

/** The list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : noList
}

/** Whether something is a number that can be shown as an amount: finite and not negative. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity
}
