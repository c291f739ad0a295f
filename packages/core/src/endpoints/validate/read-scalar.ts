// Pydantic v2's lax mode for what JSON can carry: "0.5" is a number, 1.0 an integer, "yes" a boolean.
// Measured against pydantic 2.13.4. Left out: "inf" and "nan" as words for numbers, which JSON could not carry on.

/** What became of a value: itself in the wanted type, or Pydantic's name for what is wrong with it. */
export type Reading = { readonly value: unknown } | { readonly type: string }

/** Reads a JSON scalar the way fal's Pydantic does, turning it into the wanted type. Never throws. */
export const readScalar: Readonly<
  Record<'string' | 'number' | 'integer' | 'boolean', (value: unknown) => Reading>
> = {
  string: (value) => (typeof value === 'string' ? { value } : { type: 'string_type' }),

  number(value) {
    const number = readNumber(value, /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i)
    return typeof number === 'string' ? { type: `float_${number}` } : { value: number }
  },

  integer(value) {
    const number = readNumber(value, /^[+-]?\d+(\.0+)?$/)
    if (typeof number === 'string') return { type: `int_${number}` }
    if (Number.isInteger(number)) return { value: number }
    return { type: Number.isFinite(number) ? 'int_from_float' : 'finite_number' }
  },

  boolean(value) {
    if (typeof value === 'boolean') return { value }
    if (typeof value !== 'string' && !Number.isInteger(value)) return { type: 'bool_type' }
    const word = String(value).toLowerCase()
    if (/^(true|t|yes|y|on|1)$/.test(word)) return { value: true }
    return /^(false|f|no|n|off|0)$/.test(word) ? { value: false } : { type: 'bool_parsing' }
  },
}

/** The number, or what Pydantic calls the failure: "type" or "parsing". Python lets digits be separated: "1_000". */
function readNumber(value: unknown, pattern: RegExp): number | 'type' | 'parsing' {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  if (typeof value !== 'string') return 'type'
  const digits = value.trim().replace(/(?<=\d)_(?=\d)/g, '')
  return pattern.test(digits) ? Number(digits) : 'parsing'
}
