import RandExp from 'randexp'
import type { Keywords } from './flatten-schema.ts'

/** The longest text that is made. */
const maxCharacters = 100_000

/**
 * Makes a text that fits a node: its format, else its pattern, else words of the wanted length. Never throws, whatever
 * the pattern.
 */
export function makeText(node: Keywords, name: string, variant: number): string {
  const { format, pattern } = node
  const example =
    typeof format === 'string' && Object.hasOwn(formats, format)
      ? formats[format]?.(variant)
      : undefined
  if (example !== undefined) return example
  const least = toLength(node['minLength'], 0)
  const most = Math.max(least, toLength(node['maxLength'], maxCharacters))
  if (typeof pattern === 'string') {
    const fitting = makeMatch(pattern, least, most, variant)
    if (fitting !== undefined) return fitting
  }
  const words = variant === 0 ? `some ${name}` : `some ${name} ${variant + 1}`
  const padded = words.length < least ? words.padEnd(least, ' and more') : words
  // The beginning is cut off, because texts of different variants differ at the end.
  return padded.length > most ? padded.slice(padded.length - most) : padded
}

function toLength(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 ? Math.min(value, maxCharacters) : fallback
}

/**
 * Tries short texts first, then texts with more repetitions; undefined when none fits, or the pattern cannot be parsed.
 */
function makeMatch(
  pattern: string,
  least: number,
  most: number,
  variant: number,
): string | undefined {
  try {
    const expression = toExpression(pattern)
    for (const repeats of [0, 1, 3, 10, 30, 100, 300]) {
      for (let seed = variant; seed < variant + 8; seed++) {
        const text = generate(expression, Math.max(repeats, least > 100 ? least : 0), seed)
        if (text.length >= least && text.length <= most && expression.test(text)) return text
      }
    }
  } catch {
    // The pattern has another syntax than JavaScript's: the caller uses words instead.
  }
  return undefined
}

/** JSON Schema's patterns are Unicode patterns; one that is invalid as such is parsed without the flag. */
function toExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return new RegExp(pattern)
  }
}

/** The same pattern, repeats and seed give the same text. */
function generate({ source }: RegExp, repeats: number, seed: number): string {
  const generator = new RandExp(source)
  generator.max = repeats
  let step = seed * 7919
  generator.randInt = (from, to) => {
    step += 1
    // Knuth's multiplicative hash: well spread, and the same in each run.
    return from + ((Math.imul(step, 2_654_435_761) >>> 0) % (to - from + 1))
  }
  return generator.gen()
}

const twoDigits = (number: number): string => String(number).padStart(2, '0')
const day = (variant: number): string => `2026-01-${twoDigits(1 + (variant % 28))}`

const formats: Readonly<Record<string, (variant: number) => string>> = {
  'date-time': (variant) => `${day(variant)}T12:00:00Z`,
  date: day,
  time: (variant) => `12:00:${twoDigits(variant % 60)}Z`,
  duration: (variant) => `P${variant + 1}D`,
  email: (variant) => `person${variant + 1}@example.com`,
  'idn-email': (variant) => `person${variant + 1}@example.com`,
  hostname: (variant) => `host${variant + 1}.example.com`,
  'idn-hostname': (variant) => `host${variant + 1}.example.com`,
  ipv4: (variant) => `192.0.2.${1 + (variant % 254)}`,
  ipv6: (variant) => `2001:db8::${(1 + variant).toString(16)}`,
  uri: (variant) => `https://example.com/${variant + 1}`,
  'uri-reference': (variant) => `/${variant + 1}`,
  iri: (variant) => `https://example.com/${variant + 1}`,
  uuid: (variant) => `00000000-0000-4000-8000-${String(variant + 1).padStart(12, '0')}`,
  'json-pointer': (variant) => `/${variant}`,
  regex: () => '.*',
}
