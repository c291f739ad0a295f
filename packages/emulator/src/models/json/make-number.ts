import type { Keywords } from './flatten-schema.ts'

/** Makes a number that fits a node's bounds and its step, near 42. */
export function makeNumber(node: Keywords, isWhole: boolean, variant: number): number {
  const { lowest, highest, isLowestOut, isHighestOut } = readBounds(node)
  const step = toStep(node['multipleOf'], isWhole)
  if (step === undefined) {
    return makeFraction(lowest, highest, variant)
  }
  const first = firstStep(lowest, step, isLowestOut)
  const last = -firstStep(-highest, step, isHighestOut)
  const near = Math.round(preferred / step)
  const start = Math.min(Math.max(near, first), Math.max(first, last))
  const count = last - first + 1
  // After the last number comes the first, so that all are used before one repeats.
  const chosen = count > variant ? first + ((start - first + variant) % count) : start
  const steps = Number.isFinite(count) ? chosen : start + variant
  return Number((steps * step).toPrecision(15))
}

const preferred = 42

function readBounds(node: Keywords): {
  readonly lowest: number
  readonly highest: number
  readonly isLowestOut: boolean
  readonly isHighestOut: boolean
} {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = node
  // In draft 4 `exclusiveMinimum` is `true` beside `minimum`; in later drafts it is a number of its own.
  const least = toNumber(minimum, -Infinity)
  const most = toNumber(maximum, Infinity)
  const aboveBound = toNumber(above, -Infinity)
  const belowBound = toNumber(below, Infinity)
  return {
    lowest: Math.max(least, aboveBound),
    highest: Math.min(most, belowBound),
    isLowestOut: above === true || aboveBound >= least,
    isHighestOut: below === true || belowBound <= most,
  }
}

function toNumber(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}

/** What the number must be a multiple of; undefined: any fraction. */
function toStep(multipleOf: unknown, isWhole: boolean): number | undefined {
  const step = typeof multipleOf === 'number' && multipleOf > 0 ? multipleOf : undefined
  if (step === undefined) return isWhole ? 1 : undefined
  if (!isWhole || Number.isInteger(step)) return step
  for (let factor = 2; factor <= 1000; factor++) {
    const whole = Number((step * factor).toPrecision(12))
    if (Number.isInteger(whole)) return whole
  }
  return step
}

/** The first multiple of a step from a bound on, as a count of steps. */
function firstStep(bound: number, step: number, isOut: boolean): number {
  if (!Number.isFinite(bound)) return bound
  const steps = Number((bound / step).toPrecision(12))
  const first = Math.ceil(steps)
  return isOut && first === steps ? first + 1 : first
}

/** Makes a number with a fraction where the bounds allow one. */
function makeFraction(lowest: number, highest: number, variant: number): number {
  const wish = preferred + 0.5 + variant
  if (wish > lowest && wish < highest) return wish
  if (Number.isFinite(lowest) && Number.isFinite(highest)) {
    return lowest + (highest - lowest) / (variant + 2)
  }
  return Number.isFinite(lowest) ? lowest + 0.5 + variant : highest - 0.5 - variant
}
