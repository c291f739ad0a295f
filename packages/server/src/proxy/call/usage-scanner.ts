// Reads what an answer cost from its bytes as they pass: the last "usage" object counts. A model cannot forge one with its
// text, because a quote inside a JSON string is escaped and so the bytes `"usage":` cannot stand there.

import { parseObject } from '../../json.ts'

/** Tokens, as fal reported them. */
export interface ProxyUsage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly totalTokens: number
}

/** What was found. */
export interface ReportedUsage {
  readonly usage?: ProxyUsage
  /** US dollars. */
  readonly costUsd?: number
}

/** Finds the usage in an answer that comes in pieces. */
export interface UsageScanner {
  /** Reads the next piece; keeps at most 8 KiB of it. */
  push(piece: Uint8Array): void
  /** Returns what was found. Call it after the last piece. */
  end(): ReportedUsage
}

const needle = [...'"usage"'].map((letter) => letter.charCodeAt(0))
/** How far the search may jump, by the byte at the end of its window (Horspool): most bytes are never read. */
const jumps = new Uint8Array(256).fill(needle.length)
needle.slice(0, -1).forEach((byte, at) => (jumps[byte] = needle.length - 1 - at))
const maxObjectBytes = 8_192
const [quote, backslash, colon, openBrace, closeBrace] = [0x22, 0x5c, 0x3a, 0x7b, 0x7d]

/** Creates the scanner of one answer. */
export function createUsageScanner(): UsageScanner {
  /** The end of the last piece, if the needle may begin there. */
  let tail: Uint8Array = new Uint8Array(0)
  let object: ObjectReader | undefined
  let last: string | undefined

  const scan = (bytes: Uint8Array): void => {
    let at = 0
    for (;;) {
      if (!object) {
        at = indexOfNeedle(bytes, at)
        if (at < 0) {
          tail = bytes.slice(bytes.length - tailLength(bytes))
          return
        }
        at += needle.length
        object = createObjectReader()
      }
      at = object.read(bytes, at)
      if (!object.isOver()) return
      last = object.text() ?? last
      object = undefined
    }
  }
  return {
    push(piece) {
      const bytes = object || tail.length === 0 ? piece : concat(tail, piece)
      tail = new Uint8Array(0)
      scan(bytes)
    },
    end: () => parseUsage(last),
  }
}

interface ObjectReader {
  /** Reads on; returns where it stopped. */
  read(bytes: Uint8Array, from: number): number
  isOver(): boolean
  /** The object, undefined where there was none or it was too long. */
  text(): string | undefined
}

// Reads what follows the needle: a colon, then an object; white space may stand before each.
function createObjectReader(): ObjectReader {
  const kept: number[] = []
  let depth = 0
  let isInText = false
  let isEscaped = false
  let hasColon = false
  let state: 'before' | 'inside' | 'whole' | 'none' = 'before'

  const take = (byte: number): void => {
    if (state === 'before') {
      if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) return
      if (byte === colon && !hasColon) return void (hasColon = true)
      if (byte !== openBrace || !hasColon) return void (state = 'none')
      state = 'inside'
    }
    if (kept.push(byte) > maxObjectBytes) return void (state = 'none')
    if (isEscaped) isEscaped = false
    else if (isInText && byte === backslash) isEscaped = true
    else if (byte === quote) isInText = !isInText
    else if (!isInText && byte === openBrace) depth++
    else if (!isInText && byte === closeBrace && --depth === 0) state = 'whole'
  }
  const isOver = (): boolean => state === 'whole' || state === 'none'
  return {
    read(bytes, from) {
      let at = from
      while (at < bytes.length && !isOver()) take(bytes[at++] ?? 0)
      return at
    },
    isOver,
    text: () => (state === 'whole' ? new TextDecoder().decode(Uint8Array.from(kept)) : undefined),
  }
}

function indexOfNeedle(bytes: Uint8Array, from: number): number {
  const end = needle.length - 1
  for (let at = from; at + end < bytes.length;) {
    const byte = bytes[at + end] ?? 0
    if (byte === quote && needle.every((expected, i) => bytes[at + i] === expected)) return at
    at += jumps[byte] ?? 1
  }
  return -1
}

/** How many of the last bytes may be the beginning of the needle. */
function tailLength(bytes: Uint8Array): number {
  for (let length = Math.min(needle.length - 1, bytes.length); length > 0; length--) {
    const at = bytes.length - length
    if (bytes[at] === quote && needle.every((byte, i) => i >= length || bytes[at + i] === byte)) {
      return length
    }
  }
  return 0
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}

function parseUsage(text: string | undefined): ReportedUsage {
  const fields = text === undefined ? undefined : parseObject(text)
  if (!fields) return {}
  const promptTokens = toCount(fields['prompt_tokens'])
  const completionTokens = toCount(fields['completion_tokens'])
  const totalTokens = toCount(fields['total_tokens']) || promptTokens + completionTokens
  const cost = fields['cost']
  return {
    ...(totalTokens > 0 && { usage: { promptTokens, completionTokens, totalTokens } }),
    ...(typeof cost === 'number' && Number.isFinite(cost) && { costUsd: cost }),
  }
}

function toCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0
}
