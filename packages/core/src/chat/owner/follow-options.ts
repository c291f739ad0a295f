/**
 * Patches `target` with whole options, given again and again: what was left out again returns to its default.
 * Options that are all the same as before patch nothing.
 */
export function followOptions<Options extends object>(
  target: { setOptions(patch: Partial<Options>): void },
  initial: Options,
): (options: Options) => void {
  let last: Partial<Options> = initial
  return (options) => {
    const next = { ...blank(last), ...options }
    // An option that only one of them has is undefined in the other.
    const keys = Object.keys(next) as (keyof Options)[]
    if (keys.every((key) => Object.is(next[key], last[key]))) return
    last = next
    target.setOptions(next)
  }
}

function blank<Options extends object>(options: Options): Partial<Options> {
  // Every option can be undefined: that is its default.
  return Object.fromEntries(Object.keys(options).map((key) => [key, undefined])) as Partial<Options>
}
